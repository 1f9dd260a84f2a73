import Foundation
import HearthRecipes
import HearthRooms
import HearthSQLite
import HearthServer
import HearthStore
import HearthValues

/// Runs calls in rooms of a data folder that no server runs on.
struct StoredRooms {
    let folder: DataFolder
    /// The folder with recipes.
    let recipes: String

    static var now: Int64 { Int64(Date.now.timeIntervalSince1970 * 1_000) }

    /// Runs a call to its end, as a server would; nothing else of the room runs: no timer, and no session ends.
    ///
    /// - Returns: the answer, and the newest commit before it.
    /// - Throws: `CommandFailure` when a server runs there, or the room cannot be opened.
    func run(_ call: ServerCall, in room: String) throws -> Result<(ack: Ack, before: UInt64), Failure> {
        guard folder.exists else {
            throw CommandFailure("There are no rooms in \(folder.data). Name a folder with --data.")
        }
        do {
            return try folder.withStore(.server) { store in
                let stored = try migrated(try load(room, from: store), in: store)
                do throws(RoomError) {
                    let machine = try RoomMachine(
                        opening: .load(LoadedRoom(stored.room), seed: .random(in: .min ... .max)),
                        runtime: stored.runtime,
                        now: Self.now)
                    return Self.answer(call, of: machine, in: store)
                } catch {
                    throw CommandFailure("\(room) cannot be opened: \(error.message).")
                }
            }
        } catch let failure as CommandFailure where failure.message == StoreError.inUse(path: folder.data).message {
            throw CommandFailure("A server runs on \(folder.data): give its address with --server, or stop it first.")
        }
    }

    func load(_ room: String, from store: any RoomStore) throws -> (room: StoredRoom, runtime: RecipeRuntime) {
        guard let stored = try store.load(room: room) else { throw StoreError.missing(room: room) }
        let name = stored.record.recipe
        do {
            guard let checked = try CheckedRecipe.all(in: recipes).first(where: { $0.name == name }) else {
                throw CommandFailure("There is no recipe \(name) in \(recipes). Name its folder with --recipes.")
            }
            return (stored, try checked.makeRuntime())
        } catch let error as ServerError {
            throw CommandFailure(error.message)
        } catch let error as RecipeError {
            throw CommandFailure("The recipe \(name) does not load: \(error.message)")
        }
    }

    /// As a server does: a room that another version wrote is migrated before it is opened.
    private func migrated(
        _ stored: (room: StoredRoom, runtime: RecipeRuntime), in store: any RoomStore
    ) throws -> (room: StoredRoom, runtime: RecipeRuntime) {
        guard RoomMigration.mayBeNeeded(for: stored.room, by: stored.runtime.recipe) else { return stored }
        let id = stored.room.record.id
        let write: RoomWrite?
        do throws(RoomError) {
            write = try RoomMigration(of: LoadedRoom(stored.room), to: stored.runtime, now: Self.now).write
        } catch {
            throw CommandFailure("\(id) cannot run the recipe in \(recipes): \(error.message).")
        }
        guard let write else { return stored }
        try store.commit([write])
        guard let room = try store.load(room: id) else { throw StoreError.missing(room: id) }
        return (room, stored.runtime)
    }

    private static func answer(
        _ call: ServerCall, of machine: RoomMachine, in store: any RoomStore
    ) -> Result<(ack: Ack, before: UInt64), Failure> {
        let before = machine.seq
        machine.handle(.draining(true), now: now)
        machine.handle(.call(token: 1, call), now: now)
        repeat {
            for output in machine.takeOutputs() {
                switch output {
                case .persist(let write, let ticket):
                    var result: Result<Void, StoreError> = .success(())
                    do throws(StoreError) { try store.commit([write]) } catch { result = .failure(error) }
                    machine.handle(.persisted(ticket: ticket, result), now: now)
                case .called(1, let result): return result.map { ($0, before) }
                default: break
                }
            }
            if machine.hasWork { machine.turn(now: now) { false } }
        } while !machine.isAtRest
        return .failure(
            Failure(
                code: "handler_failed", message: "it waits, and only a running server has the time: use --server"))
    }
}
