import Foundation
import HearthRecipes
import HearthRooms
import HearthStore
import HearthValues

/// A room without sockets and with a disk that always says yes at once: what is left is the engine.
final class DrivenRoom {
    private let machine: RoomMachine
    private var now: Int64 = 1_700_000_000_000
    private var sessions = 0
    /// Bytes of what would have been written.
    private(set) var written = 0
    private(set) var acks = 0
    var stats: RoomStats { machine.stats }
    /// What the last participant to join was given.
    private(set) var joined: Object?

    init(opening: RoomOpening, runtime: RecipeRuntime, limits: RoomLimits = RoomLimits()) throws {
        machine = try RoomMachine(opening: opening, runtime: runtime, limits: limits, now: now)
        drive()
    }

    /// A recipe of this repository; the benchmarks run in its root.
    static func runtime(of recipe: String, isolation: RecipeIsolation = .none) throws -> RecipeRuntime {
        let file = URL(filePath: "Recipes/\(recipe)/recipe.lua")
        return try RecipeRuntime(
            RecipeSource(name: recipe, text: String(contentsOf: file, encoding: .utf8)), isolation: isolation)
    }

    /// A chat in which `messages` have been said, as it comes from the store.
    static func chat(messages: Int, runtime: RecipeRuntime) throws -> DrivenRoom {
        let author: Value = .object(["$ref": .string("user@longago#")])
        let said = (0..<messages).map { number in
            Value.object(["at": .int(Int64(number)), "author": author, "text": .string("Message number \(number)")])
        }
        let cells: Object = [
            "here": .object(Object()), "messages": .list(List(said)),
            "user@longago": .object(["name": .string("Somebody")]),
        ]
        let head = SHA256.hash(parent: .zero, content: [])
        let record = RoomRecord(
            id: "bench", recipe: "chat", recipeVersion: 1, epoch: "bench", seq: 1, head: head, createdAt: 0,
            updatedAt: 0)
        let snapshot = StoredSnapshot(seq: 1, state: JSON.bytes(.object(cells)), head: head)
        let stored = StoredRoom(
            record: record, snapshot: snapshot, facts: [], sessions: [], marks: [], timers: [], outgoing: [],
            received: [])
        return try DrivenRoom(opening: .load(LoadedRoom(stored), seed: 1), runtime: runtime)
    }

    /// - Returns: the connection.
    @discardableResult
    func join(_ state: StateRequest = .full) -> ConnectionID {
        sessions += 1
        let fresh = SessionCredentials(id: "session\(sessions)", secret: "secret\(sessions)")
        machine.handle(.join(sessions, Join(name: "Ann", state: state, trace: "bench", fresh: fresh)), now: now)
        drive()
        return sessions
    }

    func leave(_ connection: ConnectionID) {
        machine.handle(.leave(connection), now: now)
        drive()
    }

    /// Hands events in and runs them as they would run if they had come together.
    func send(_ count: Int, on connection: ConnectionID, _ event: () -> Event) {
        for _ in 0..<count { machine.handle(.event(connection, event()), now: now) }
        drive()
    }

    private func drive() {
        now += 1
        var isBusy = true
        while isBusy {
            isBusy = machine.hasWork
            machine.turn(now: now)
            for output in machine.takeOutputs() {
                switch output {
                case .persist(let write, let ticket):
                    written += write.byteCount
                    machine.handle(.persisted(ticket: ticket, .success(())), now: now)
                    isBusy = true
                case .snapshot(let snapshot):
                    let bytes = snapshot.written().state.count
                    written += bytes
                    machine.handle(.snapshotWritten(bytes: bytes), now: now)
                case .ack: acks += 1
                case .joined(_, let joined): self.joined = joined.cells
                default: break
                }
            }
        }
    }
}
