import Foundation
import HearthRecipes
import HearthRooms
import HearthSQLite
import HearthServer
import HearthStore
import HearthValues

/// Where entries run.
protocol ReplConsole {
    /// - Throws: `CommandFailure` when it cannot be run at all: no such room, no right, nobody answers.
    func run(_ entry: String) async throws -> ReplOutcome
}

/// How an entry ended.
enum ReplOutcome {
    case done(ReplAnswer)
    /// The error, with `code`, `message` and `details`.
    case failed(Object)

    init(_ failure: Failure) {
        var error: Object = ["code": .string(failure.code), "message": .string(failure.message)]
        if !failure.details.isNull { error["details"] = failure.details }
        self = .failed(error)
    }
}

struct ReplAnswer {
    /// The commit that it looked at or made.
    var seq: UInt64
    /// The same when it wrote.
    var commit: UInt64?
    var printed: [String]
    /// What it returned; nil for nil.
    var values: [Value?]

    init(seq: UInt64, commit: UInt64?, result: Value) {
        self.seq = seq
        self.commit = commit
        let object = result.object ?? Object()
        printed = object["printed"]?.list?.compactMap(\.string) ?? []
        values = object["values"]?.list?.map { $0.list?.first } ?? []
    }

    var json: Value {
        [
            "seq": .int(Int64(clamping: seq)), "printed": .list(List(printed.map { .string($0) })),
            "values": .list(List(values.map { .list(List([$0].compactMap { $0 })) })),
        ]
    }
}

/// In a running server.
struct ServedConsole: ReplConsole {
    let room: String
    let client: RoomServer
    let mayWrite: Bool

    func run(_ entry: String) async throws -> ReplOutcome {
        let (status, answer) = try await client.answer(
            "POST", ["rooms", room, "console"], body: ["lua": .string(entry), "write": .bool(mayWrite)])
        let object = answer.object ?? Object()
        if status == 200, let seq = object["seq"]?.int {
            let seq = UInt64(clamping: seq)
            return .done(ReplAnswer(seq: seq, commit: mayWrite ? seq : nil, result: answer))
        }
        guard let error = object["error"]?.object else {
            throw CommandFailure("\(client.address) did not answer as a Hearth server does.")
        }
        // What is wrong with the entry, and not with asking.
        let ofEntry = status == 422 || status == 409
        if !ofEntry { throw CommandFailure(RoomServer.complaint(in: answer) ?? "\(client.address) refused.") }
        return .failed(error)
    }
}

/// In a data folder that no server runs on, or, to look only, whether one does or not.
struct StoredConsole: ReplConsole {
    let rooms: StoredRooms
    let room: String
    let mayWrite: Bool

    func run(_ entry: String) async throws -> ReplOutcome {
        guard mayWrite else { return try look(entry) }
        switch try rooms.run(RoomConsole.call(entry, by: NSUserName()), in: room) {
        case .success(let (ack, before)):
            let commit = ack.seq > before ? ack.seq : nil
            return .done(ReplAnswer(seq: ack.seq, commit: commit, result: ack.result ?? .null))
        case .failure(let failure): return ReplOutcome(failure)
        }
    }

    private func look(_ entry: String) throws -> ReplOutcome {
        try rooms.folder.withStore(.readOnly) { store in
            let (stored, runtime) = try rooms.load(room, from: store)
            do {
                let cells = try RoomHistory.cells(snapshot: stored.snapshot?.state, facts: stored.facts)
                let sight = try RoomConsole.look(
                    entry, in: room, at: stored.record.seq, cells: cells, by: runtime, now: StoredRooms.now)
                return .done(ReplAnswer(seq: sight.seq, commit: nil, result: sight.result))
            } catch let failure as Failure {
                return ReplOutcome(failure)
            } catch let error as RoomError {
                throw CommandFailure("\(room) cannot be read: \(error.message). Run `hearth verify \(room)`.")
            }
        }
    }
}
