internal import Dispatch
internal import Synchronization

/// Writes snapshots, one after the other, on a thread of its own: however large one is, no commit waits for it.
///
/// Mutable state: whether it has been shut down, and how many wait.
package final class SnapshotWriter: Sendable {
    package struct Outcome: Sendable {
        /// How many bytes of state were written out, kept or not; nil when it did not come to that.
        package var bytes: Int?
        /// Why nothing is kept; nil when it is.
        package var failure: StoreError?
    }

    package typealias Completion = @Sendable (Outcome) -> Void

    private let store: any RoomStore
    private let queue = DispatchQueue(label: "hearth.snapshot-writer", qos: .utility)
    private let isClosed = Atomic(false)
    private let waiting = Atomic(0)
    private let onWrite: @Sendable (Duration, StoreError?) -> Void

    /// Snapshots that may wait, each with the state that it is of. Those beyond fail with `unavailable`.
    package static let waitingMax = 1_024

    /// - Parameter onWrite: told how long each snapshot took and why it was not kept, on the writing thread.
    package init(store: any RoomStore, onWrite: @escaping @Sendable (Duration, StoreError?) -> Void = { _, _ in }) {
        self.store = store
        self.onWrite = onWrite
    }

    /// Queues a snapshot of a room. `completion` runs once, on the writing thread; it must not block.
    ///
    /// It fails with `unavailable` when `waitingMax` wait already, and with `closed` after `shutdown`.
    /// - Parameter make: writes out the state, on the writing thread.
    package func submit(
        _ room: String, _ make: @escaping @Sendable () -> StoredSnapshot, completion: @escaping Completion
    ) {
        guard waiting.add(1, ordering: .relaxed).newValue <= SnapshotWriter.waitingMax else {
            waiting.subtract(1, ordering: .relaxed)
            let detail = "\(SnapshotWriter.waitingMax) snapshots wait for the disk already"
            // Without `make`, which holds the state.
            return queue.async { completion(Outcome(failure: .unavailable(detail: detail))) }
        }
        queue.async { [self] in
            defer { waiting.subtract(1, ordering: .relaxed) }
            if isClosed.load(ordering: .acquiring) { return completion(Outcome(failure: .closed)) }
            completion(write(make, of: room))
        }
    }

    private func write(_ make: () -> StoredSnapshot, of room: String) -> Outcome {
        let start = ContinuousClock.now
        let snapshot = make()
        var outcome = Outcome(bytes: snapshot.state.count)
        do throws(StoreError) { try store.keep(snapshot, of: room) } catch { outcome.failure = error }
        onWrite(ContinuousClock.now - start, outcome.failure)
        return outcome
    }

    /// Gives up those that wait, and refuses what comes; returns at once.
    package func refuseMore() { isClosed.store(true, ordering: .releasing) }

    /// Lets the one that is under way end and gives up those that wait: nothing rests on them. Safe to call again.
    ///
    /// Must not be called from a completion.
    package func shutdown() {
        dispatchPrecondition(condition: .notOnQueue(queue))
        refuseMore()
        queue.sync {}
    }
}
