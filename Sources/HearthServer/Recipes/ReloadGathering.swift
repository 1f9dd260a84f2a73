import Synchronization

/// How the rooms of all event loops took a version, gathered until all have said so.
final class ReloadGathering: Sendable {
    private struct State {
        var shardsLeft: Int
        var outcomes: [RecipeReloadResult.RoomOutcome] = []
    }

    private let state: Mutex<State>
    private let (done, isDone) = AsyncStream<Void>.makeStream()

    init(shards: Int) { state = Mutex(State(shardsLeft: shards)) }

    /// What the rooms of one event loop said.
    func add(_ outcomes: [RecipeReloadResult.RoomOutcome]) {
        let left = state.withLock { state -> Int in
            state.outcomes += outcomes
            state.shardsLeft -= 1
            return state.shardsLeft
        }
        if left == 0 { isDone.finish() }
    }

    /// In order of the rooms' names; without those that have said nothing in time (their disk refuses every write).
    func all(within time: Duration) async -> [RecipeReloadResult.RoomOutcome] {
        let done = done
        await withTaskGroup(of: Void.self) { group in
            group.addTask { for await _ in done {} }
            group.addTask { try? await Task.sleep(for: time) }
            await group.next()
            group.cancelAll()
        }
        return state.withLock { $0.outcomes.sorted { $0.room < $1.room } }
    }
}
