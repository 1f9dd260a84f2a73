import HearthStore
import Testing

extension StoreLaw {
    static let models = (1...6).map { index in
        StoreLaw("a random history leaves what a naive store has (\(index))") { fixture in
            let seed = UInt64.random(in: 0 ... .max)
            try checkRandomHistory(seed: seed, fixture)
        }
    }

    /// Makes a history from `seed`, with failures and crashes in between, comparing everything as it goes.
    package static func checkRandomHistory(seed: UInt64, _ fixture: any StoreFixture) throws {
        print("random history with seed \(seed)")
        var history = RandomHistory(seed: seed)
        for round in 0..<60 {
            let writes = history.nextBatch()
            let fails = Int.random(in: 0..<6, using: &history.numbers) == 0
            if fails { fixture.faults.fail(step: Int.random(in: 1...20, using: &history.numbers), with: .closed) }
            do {
                try fixture.store.commit(writes)
                history.accept(writes)
            } catch StoreError.closed {
            }
            fixture.faults.disarm()
            if Int.random(in: 0..<3, using: &history.numbers) == 0 {
                let fails = Int.random(in: 0..<3, using: &history.numbers) == 0
                if fails { fixture.faults.fail(step: Int.random(in: 1...8, using: &history.numbers), with: .closed) }
                do { _ = try fixture.store.sweep() } catch StoreError.closed {}
                fixture.faults.disarm()
            }
            if let (snapshot, room) = history.nextSnapshot() {
                let fails = Int.random(in: 0..<4, using: &history.numbers) == 0
                if fails { fixture.faults.fail(step: Int.random(in: 1...3, using: &history.numbers), with: .closed) }
                do {
                    try fixture.store.keep(snapshot, of: room)
                    history.accept(snapshot, of: room)
                } catch StoreError.closed {
                }
                fixture.faults.disarm()
            }
            if round % 20 == 19 { _ = try fixture.reopenAfterCrash() }
            if round % 5 == 4 { try compare(fixture.store, history.naive, "seed \(seed), round \(round)") }
        }
    }

    private static func compare(_ store: any RoomStore, _ naive: NaiveStore, _ place: String) throws {
        let listed = try store.rooms(recipe: nil, after: nil, limit: 1_000)
        #expect(listed == naive.rooms.values.map(\.record).sorted { $0.id < $1.id }, "\(place)")
        for (id, expected) in naive.rooms {
            let found = try store.load(room: id)
            #expect(found == expected, "\(place), room \(id)")
            let log = naive.logs[id, default: []]
            #expect(try store.facts(room: id, after: 0, limit: 10_000) == log, "\(place), log of \(id)")
            let seq = log.isEmpty ? 0 : UInt64(place.utf8.count) % UInt64(log.count)
            let (snapshot, facts) = try #require(try store.stored(room: id, at: seq))
            let start = Int(snapshot?.seq ?? 0)
            #expect(facts == Array(log[start..<Int(seq)]), "\(place), room \(id) at \(seq)")
        }
    }
}

/// Writes drawn from a seed, each valid for the state that the accepted ones left.
struct RandomHistory {
    var numbers: SeededNumbers
    private(set) var naive = NaiveStore()

    init(seed: UInt64) {
        numbers = SeededNumbers(seed: seed)
    }

    mutating func accept(_ writes: [RoomWrite]) {
        for write in writes { naive.apply(write) }
    }

    mutating func accept(_ snapshot: StoredSnapshot, of room: String) { naive.keep(snapshot, of: room) }

    /// One of some room's newest fact, where there is none yet.
    mutating func nextSnapshot() -> (StoredSnapshot, of: String)? {
        let room = "room-\(pick(5))"
        guard pick(2) == 0, let known = naive.rooms[room], known.record.seq > known.snapshot?.seq ?? 0 else {
            return nil
        }
        let state = [UInt8](repeating: UInt8(pick(256)), count: pick(2) == 0 ? 1 : 300_000)
        return (StoredSnapshot(seq: known.record.seq, state: state, head: known.record.head), room)
    }

    /// Up to eight writes, several of which may be for the same room.
    mutating func nextBatch() -> [RoomWrite] {
        var ahead = naive
        var writes: [RoomWrite] = []
        for _ in 0..<pick(8) + 1 {
            let write = nextWrite(for: "room-\(pick(5))", in: ahead)
            ahead.apply(write)
            writes.append(write)
        }
        return writes
    }

    private mutating func nextWrite(for room: String, in state: NaiveStore) -> RoomWrite {
        guard let known = state.rooms[room] else { return .creating(room, at: Int64(pick(1_000))) }
        var write = RoomWrite(room: room)
        if pick(30) == 0 {
            write.deleteRoom = true
            return write
        }
        let contents = (0..<pick(4)).map { _ in "{\"n\":\(pick(1_000_000))}" }
        write.facts = RoomWrite.appending(contents, to: room, after: known.record.position).facts
        if pick(2) == 0 { write.expectedHead = known.record.head }
        if pick(2) == 0 { write.updatedAt = Int64(pick(1_000_000)) }
        if pick(20) == 0 { write.recipeVersion = Int64(pick(9)) }
        addRecords(to: &write, known)
        return write
    }

    private mutating func addRecords(to write: inout RoomWrite, _ known: StoredRoom) {
        let session = "s\(pick(3))"
        let last = known.marks.last { $0.session == session }?.event ?? 0
        let event = last + 1 + Int64(pick(100))
        write.marks = [Mark(session: session, event: event, answer: [UInt8(pick(256))])]
        write.sessions = [
            SessionRecord(
                room: write.room, id: session, secretHash: SHA256.hash([UInt8(pick(256))]),
                name: pick(2) == 0 ? nil : "name", roles: pick(2) == 0 ? [] : ["r"], lastEvent: event, createdAt: 1,
                disconnectedAt: pick(2) == 0 ? nil : 7)
        ]
        if pick(10) == 0 { write.endedSessions = ["s\(pick(3))"] }
        if pick(3) == 0 { write.timersCancelled = ["t\(pick(4))"] }
        if pick(3) == 0 { write.timersSet = [TimerRecord(id: "t\(pick(4))", dueAt: Int64(pick(100)), handler: "h")] }
        if pick(3) == 0 { write.outgoingDone = known.outgoing.prefix(pick(3)).map(\.id) }
        if pick(3) == 0 {
            write.outgoingAdded = [OutgoingRecord(id: "o\(numbers.next())", toRoom: "x", event: "e", data: [1])]
        }
        if pick(3) == 0 { write.received = ["d\(numbers.next())"] }
        if pick(3) == 0 { write.receivedSettled = known.received.prefix(pick(3)).map(\.id) }
    }

    private mutating func pick(_ count: Int) -> Int {
        Int.random(in: 0..<count, using: &numbers)
    }
}
