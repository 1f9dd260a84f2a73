internal import Dispatch
internal import Synchronization

/// Gathers the writes of all rooms into few commits, on one thread of its own.
///
/// Whatever waits when the thread is free becomes one `commit`, so the price of an fsync is shared by all who wait for
/// it. Writes are applied and answered in the order in which they were submitted.
///
/// When a room's write fails, all writes of that room that were submitted behind it and still wait fail with the same
/// error, before anyone is told: they were made for a state that never came about. A write that is submitted later, by
/// a room that has not heard yet, is stopped by its `expectedHead` or by the chain of its facts.
package final class GroupWriter: Sendable {
    package typealias Completion = @Sendable (Result<Void, StoreError>) -> Void

    private struct Waiting: Sendable {
        let write: RoomWrite
        let completion: Completion
    }

    // Guards the queue between those who submit and the writing thread; never held while the store works or a
    // completion runs.
    private struct State {
        var waiting: [Waiting] = []
        var isScheduled = false
        var isSweeping = false
        var isClosed = false
        var counters = GroupWriterCounters()

        /// True for whoever has to call `schedule`.
        mutating func mustSchedule() -> Bool {
            defer { isScheduled = true }
            return !isScheduled
        }
    }

    private let store: any RoomStore
    private let limits: GroupWriterLimits
    private let state = Mutex(State())
    private let queue = DispatchQueue(label: "hearth.group-writer", qos: .userInitiated)

    private let onCommit: (@Sendable (Duration) -> Void)?

    /// - Parameter onCommit: told how long each commit of the store took, on the writing thread.
    package init(
        store: any RoomStore, limits: GroupWriterLimits = GroupWriterLimits(),
        onCommit: (@Sendable (Duration) -> Void)? = nil
    ) {
        self.store = store
        self.limits = limits
        self.onCommit = onCommit
    }

    /// Queues a write. `completion` runs once, on the writing thread, when it is durable or has failed; it must not
    /// block.
    ///
    /// It fails with `unavailable` when `limits.waitingMax` writes wait already, and with `closed` after `shutdown`.
    package func submit(_ write: RoomWrite, completion: @escaping Completion) {
        let reception: Reception = state.withLock { state in
            if state.isClosed { return .refused(.closed) }
            if state.waiting.count >= limits.waitingMax {
                return .refused(.unavailable(detail: "\(limits.waitingMax) writes wait for the disk already"))
            }
            state.waiting.append(Waiting(write: write, completion: completion))
            return state.mustSchedule() ? .firstOfBatch : .joinedBatch
        }
        switch reception {
        case .refused(let refusal): queue.async { completion(.failure(refusal)) }
        case .firstOfBatch: schedule()
        case .joinedBatch: break
        }
    }

    private enum Reception {
        case refused(StoreError)
        case firstOfBatch
        case joinedBatch
    }

    /// Waits until everything submitted before is durable or has failed, and its completions have run.
    ///
    /// Must not be called from a completion.
    package func flush() {
        dispatchPrecondition(condition: .notOnQueue(queue))
        queue.sync { while drainOnce() {} }
    }

    /// Writes what waits, then refuses everything that comes. Does not close the store. Safe to call again.
    package func shutdown() {
        flush()
        state.withLock { $0.isClosed = true }
        flush()
    }

    package var counters: GroupWriterCounters {
        state.withLock { state in
            var counters = state.counters
            counters.waiting = state.waiting.count
            return counters
        }
    }

    /// Wakes the writing thread. Not under the lock, which is the first thing that it wants.
    private func schedule() {
        queue.async { [self] in
            state.withLock { $0.isScheduled = false }
            guard drainOnce() else { return }
            if state.withLock({ !$0.waiting.isEmpty && $0.mustSchedule() }) { schedule() }
        }
    }

    /// Has the store remove what deleted rooms have left, a share at a time; what is to be written meanwhile goes in between.
    ///
    /// It ends when nothing is left, or with the first failure: whoever calls it now and then has it go on.
    package func sweep() {
        let isUnderWay = state.withLock { state in
            defer { state.isSweeping = true }
            return state.isSweeping
        }
        if !isUnderWay { sweepOn() }
    }

    private func sweepOn() {
        // Half of the time is for others.
        queue.asyncAfter(deadline: .now() + GroupWriter.sweepPause) { [self] in
            if !state.withLock({ $0.isClosed }), (try? store.sweep()) == true { return sweepOn() }
            state.withLock { $0.isSweeping = false }
        }
    }

    private static let sweepPause = DispatchTimeInterval.milliseconds(10)

    /// Writes one batch. Runs on `queue` only.
    /// - Returns: whether there was anything to write.
    private func drainOnce() -> Bool {
        let batch = state.withLock { takeBatch(&$0) }
        if batch.isEmpty { return false }
        let results = settle(batch)
        state.withLock { $0.counters.count(results) }
        for (waiting, result) in results { waiting.completion(result) }
        if batch.contains(where: { $0.write.deleteRoom }) { sweep() }
        return true
    }

    private func takeBatch(_ state: inout State) -> [Waiting] {
        var bytes = 0
        var count = 0
        for waiting in state.waiting.prefix(limits.batchWritesMax) {
            bytes += waiting.write.byteCount
            if count > 0 && bytes > limits.batchBytesMax { break }
            count += 1
        }
        if count == state.waiting.count {
            defer { state.waiting = [] }
            return state.waiting
        }
        let batch = Array(state.waiting.prefix(count))
        state.waiting.removeFirst(count)
        return batch
    }
}

extension GroupWriter {
    private typealias Outcome = (Waiting, Result<Void, StoreError>)

    /// Commits a batch, setting apart the rooms whose writes are at fault, until the rest is in or the store gives up.
    /// - Returns: the outcome of each member in order, then of what waited behind a failed one.
    private func settle(_ batch: [Waiting]) -> [Outcome] {
        var results: [Result<Void, StoreError>?] = Array(repeating: nil, count: batch.count)
        var faulty: Set<String> = []
        while true {
            let healthy = batch.indices.filter { !faulty.contains(batch[$0].write.room) }
            let result = commit(healthy.map { batch[$0].write })
            if case .failure(let error) = result, let room = room(at: error, among: healthy, of: batch) {
                faulty.insert(room)
                continue
            }
            for index in healthy { results[index] = result }
            if case .failure(let error) = result, error.faultyRoom == nil {
                // The store itself gave up: the rooms set apart need not be tried.
                for index in batch.indices where results[index] == nil { results[index] = result }
            }
            break
        }
        for room in faulty { settle(room: room, of: batch, into: &results) }
        var failed: [String: StoreError] = [:]
        for (waiting, result) in zip(batch, results) {
            if case .failure(let error)? = result { failed[waiting.write.room] = failed[waiting.write.room] ?? error }
        }
        let settled = zip(batch, results).map { ($0, $1 ?? .failure(.unavailable(detail: "not attempted"))) }
        return settled + takeWaiting(behind: failed)
    }

    /// The room that an error blames, if it is among those that were tried.
    private func room(at error: StoreError, among indices: [Int], of batch: [Waiting]) -> String? {
        guard let room = error.faultyRoom else { return nil }
        let blamed = indices.first { batch[$0].write.room == room || batch[$0].write.renameTo == room }
        return blamed.map { batch[$0].write.room }
    }

    /// Makes the writes of one faulty room one by one until the first that fails; those behind it fail with it.
    private func settle(room: String, of batch: [Waiting], into results: inout [Result<Void, StoreError>?]) {
        var failure: StoreError?
        for index in batch.indices where batch[index].write.room == room && results[index] == nil {
            if let failure {
                results[index] = .failure(failure)
                continue
            }
            let result = commit([batch[index].write])
            if case .failure(let error) = result { failure = error }
            results[index] = result
        }
    }

    private func takeWaiting(behind failed: [String: StoreError]) -> [Outcome] {
        if failed.isEmpty { return [] }
        return state.withLock { state in
            var outcomes: [Outcome] = []
            state.waiting.removeAll { waiting in
                guard let error = failed[waiting.write.room] else { return false }
                outcomes.append((waiting, .failure(error)))
                return true
            }
            return outcomes
        }
    }

    private func commit(_ writes: [RoomWrite]) -> Result<Void, StoreError> {
        if writes.isEmpty { return .success(()) }
        let start = ContinuousClock.now
        defer {
            let elapsed = ContinuousClock.now - start
            state.withLock { $0.counters.countCommit(of: writes.count, taking: elapsed) }
            onCommit?(elapsed)
        }
        do throws(StoreError) {
            return .success(try store.commit(writes))
        } catch {
            return .failure(error)
        }
    }
}

extension GroupWriterCounters {
    fileprivate mutating func count<S: Sequence, W>(_ results: S) where S.Element == (W, Result<Void, StoreError>) {
        for (_, result) in results {
            switch result {
            case .success: writes += 1
            case .failure: failures += 1
            }
        }
    }

    fileprivate mutating func countCommit(of writes: Int, taking elapsed: Duration) {
        batches += 1
        largestBatch = max(largestBatch, writes)
        commitTime += elapsed
        longestCommit = max(longestCommit, elapsed)
    }
}
