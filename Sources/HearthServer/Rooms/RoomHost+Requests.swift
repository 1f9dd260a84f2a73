import HearthRecipes
import HearthRooms
import HearthStore
import HearthValues
import NIOCore
import NIOPosix

/// What HTTP asks of rooms: each call hops to the room's loop, or to a reading thread, and comes back with an answer.
extension RoomHost {
    private func onShard<T: Sendable>(
        of room: String,
        _ body: @escaping @Sendable (RoomShard, @escaping @Sendable (Result<T, Refusal>) -> Void) -> Void
    ) async throws(Refusal) -> T {
        let result = await withCheckedContinuation { (continuation: CheckedContinuation<Result<T, Refusal>, Never>) in
            shard(of: room).run { shard in body(shard) { continuation.resume(returning: $0) } }
        }
        return try result.get()
    }

    /// Makes a room, or tells again what was told when it was made under the same key.
    func create(
        _ room: String, recipe: String, input: Value, key: CallKey?
    ) async throws(Refusal) -> RoomCreation {
        try await onShard(of: room) { shard, answer in
            shard.open(room, .createNew(recipe: recipe, input: input, key: key)) { opened in
                answer(
                    opened.map { driver in
                        guard key != nil, case .success(let first) = driver.machine.creation(under: key) else {
                            return driver.machine.created
                        }
                        return first
                    })
            }
        }
    }

    func describe(_ room: String, opening mode: RoomOpenMode = .existing) async throws(Refusal) -> RoomDescription {
        try await onShard(of: room) { shard, answer in
            shard.open(room, mode) { opened in
                answer(opened.map { $0.machine.describe() })
            }
        }
    }

    func call(_ room: String, _ call: ServerCall) async throws(Refusal) -> Ack {
        try await onShard(of: room) { shard, answer in
            shard.open(room, .existing) { opened in
                switch opened {
                case .success(let driver): driver.call(call) { answer($0.mapError(Refusal.init)) }
                case .failure(let refusal): answer(.failure(refusal))
                }
            }
        }
    }

    /// Runs a line that only looks.
    func look(_ room: String, _ lua: String) async throws(Refusal) -> RoomConsole.Sight {
        try await onShard(of: room) { shard, answer in
            shard.open(room, .existing) { opened in
                answer(
                    opened.flatMap { driver in
                        do throws(Failure) {
                            return .success(try driver.machine.look(lua, now: WallClock.nowMs()))
                        } catch {
                            return .failure(Refusal(error))
                        }
                    })
            }
        }
    }

    func delete(_ room: String) async throws(Refusal) {
        let _: Bool = try await onShard(of: room) { shard, answer in
            shard.delete(room) { refusal in answer(refusal.map { .failure($0) } ?? .success(true)) }
        }
    }

    // MARK: - From the store

    /// Runs a blocking read on a reading thread.
    func read<T: Sendable>(
        _ body: @escaping @Sendable (any RoomStore) throws(StoreError) -> T
    ) async throws(Refusal) -> T {
        let store = store
        let result: Result<T, StoreError>
        do {
            result = try await readers.runIfActive { () -> Result<T, StoreError> in
                do throws(StoreError) { return .success(try body(store)) } catch { return .failure(error) }
            }
        } catch {
            throw .shuttingDown
        }
        switch result {
        case .success(let value): return value
        case .failure(let error):
            throw Refusal(
                statusCode: 503, code: "storage_unavailable", message: error.message,
                retryAfter: error.isRetryable ? 1 : nil)
        }
    }

    /// The cells as of an earlier commit that everyone may see. Derived cells are computed by the recipe of today.
    func cells(of room: String, at seq: UInt64) async throws(Refusal) -> Object {
        guard let record = try await read({ store throws(StoreError) in try store.record(room: room) }) else {
            throw .noRoom(room, autoCreate: library.autoCreate)
        }
        let found = try await read { store throws(StoreError) in try store.stored(room: room, at: seq) }
        guard let (snapshot, facts) = found else {
            throw Refusal(
                statusCode: 404, code: "seq_not_found",
                message: "the room \"\(room)\" has come to \(record.seq), not \(seq)")
        }
        let recipe = library.entry(named: record.recipe)?.recipe
        let stored: Object
        do throws(RoomError) {
            stored = try RoomHistory.cells(snapshot: snapshot?.state, facts: facts)
        } catch {
            throw Refusal(statusCode: 503, code: "storage_unavailable", message: error.message)
        }
        var cells: Object = try await onShard(of: room) { shard, answer in
            shard.derivedCells(of: stored, recipe: record.recipe) { answer(.success($0)) }
        }
        for (id, value) in stored where recipe?.isOpen(id) == true { cells[id] = value }
        return cells
    }

    /// Commits after `since`, oldest first, as everyone may see them.
    func commits(of room: String, since: UInt64, limit: Int) async throws(Refusal) -> [StoredCommit] {
        guard let record = try await read({ store throws(StoreError) in try store.record(room: room) }) else {
            throw .noRoom(room, autoCreate: library.autoCreate)
        }
        let facts = try await read { store throws(StoreError) in
            try store.facts(room: room, after: since, limit: limit)
        }
        let recipe = library.entry(named: record.recipe)?.recipe
        do throws(RoomError) {
            var commits: [StoredCommit] = []
            for fact in facts {
                var commit = try StoredCommit(fact)
                commit.patch.operations.removeAll { recipe?.isOpen($0.cell) != true }
                commits.append(commit)
            }
            return commits
        } catch {
            throw Refusal(statusCode: 503, code: "storage_unavailable", message: error.message)
        }
    }
}

extension Recipe {
    /// May everyone see this cell? What no cell is declared for is hidden: it may have been private.
    fileprivate func isOpen(_ cell: String) -> Bool {
        guard let declaration = declaration(ofCell: cell) else { return false }
        return !declaration.isPrivate && declaration.readRole == nil
    }
}

extension PatchOperation {
    fileprivate var cell: String {
        switch self {
        case .add(let pointer, _), .remove(let pointer), .replace(let pointer, _), .test(let pointer, _):
            pointer.tokens.first ?? ""
        }
    }
}
