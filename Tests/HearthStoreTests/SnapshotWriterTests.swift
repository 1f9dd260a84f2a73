import Dispatch
import HearthStore
import HearthStoreLaws
import Synchronization
import Testing

@Suite("The snapshot writer")
struct SnapshotWriterTests {
    let store = GatedStore()
    let outcomes = Outcomes()

    private func room(_ name: String) throws -> StoredSnapshot {
        let head = try store.base.grow(name, facts: 3)
        return StoredSnapshot(seq: 3, state: [1, 2, 3], head: head.head)
    }

    @Test("commits of all rooms go on while a snapshot is on its way to the disk")
    func keepsNobodyWaiting() throws {
        let snapshot = try room("large")
        store.gatesSnapshots = true
        let snapshots = SnapshotWriter(store: store)
        let commits = GroupWriter(store: store.base)
        snapshots.submit("large", { snapshot }, completion: outcomes.taker(of: "snapshot"))
        store.awaitArrival()
        for name in ["a", "b"] { commits.submit(.creating(name), completion: outcomes.taker(name)) }
        let large = try #require(try store.base.record(room: "large")).position
        commits.submit(.appending(["{}"], to: "large", after: large), completion: outcomes.taker("large"))
        commits.flush()
        #expect(outcomes.names == ["a", "b", "large"] && outcomes.errors == [nil, nil, nil])
        store.openGate()
        snapshots.shutdown()
        #expect(outcomes.names.last == "snapshot" && outcomes.errors.last == .some(nil))
        #expect(try store.load(room: "large")?.snapshot == snapshot)
    }

    @Test("they are kept in order, and a fault of one is its own")
    func inOrder() throws {
        let sound = try room("sound")
        let told = Mutex<[StoreError?]>([])
        let snapshots = SnapshotWriter(store: store) { _, failure in told.withLock { $0.append(failure) } }
        snapshots.submit("nowhere", { sound }, completion: outcomes.taker(of: "nowhere"))
        snapshots.submit("sound", { sound }, completion: outcomes.taker(of: "sound"))
        let last = DispatchSemaphore(value: 0)
        snapshots.submit("sound", { sound }) { _ in last.signal() }
        last.wait()
        #expect(outcomes.names == ["nowhere", "sound"] && outcomes.errors == [.missing(room: "nowhere"), nil])
        #expect(told.withLock { $0 } == [.missing(room: "nowhere"), nil, nil])
        snapshots.shutdown()
    }

    @Test("a writer that is shut down lets the one under way end, and gives up those that wait")
    func shutdown() throws {
        let snapshot = try room("large")
        store.gatesSnapshots = true
        let snapshots = SnapshotWriter(store: store)
        snapshots.submit("large", { snapshot }, completion: outcomes.taker(of: "first"))
        store.awaitArrival()
        let made = Atomic(0)
        for _ in 0..<3 {
            snapshots.submit(
                "large",
                {
                    made.add(1, ordering: .relaxed)
                    return snapshot
                }, completion: outcomes.taker(of: "waiting"))
        }
        snapshots.refuseMore()
        store.openGate()
        snapshots.shutdown()
        #expect(outcomes.names == ["first", "waiting", "waiting", "waiting"])
        #expect(outcomes.errors == [nil, .closed, .closed, .closed])
        #expect(made.load(ordering: .relaxed) == 0)
        snapshots.submit("large", { snapshot }, completion: outcomes.taker(of: "late"))
        snapshots.shutdown()
        #expect(outcomes.errors.last == .closed)
    }
}

extension SnapshotWriterTests {
    @Test("more than the limit may not wait, with all the states that they are of")
    func bounded() throws {
        let snapshot = try room("large")
        store.gatesSnapshots = true
        let snapshots = SnapshotWriter(store: store)
        let sizes = Mutex<[Int?]>([])
        for _ in 0..<SnapshotWriter.waitingMax + 2 {
            snapshots.submit("large", { snapshot }) { outcome in sizes.withLock { $0.append(outcome.bytes) } }
        }
        // Of one that is refused nothing is kept while the others wait.
        final class State: Sendable {}
        weak var kept: State?
        do {
            let state = State()
            kept = state
            snapshots.submit(
                "large",
                {
                    _ = state
                    return snapshot
                }, completion: { _ in })
        }
        #expect(kept == nil)
        let last = DispatchSemaphore(value: 0)
        snapshots.submit("large", { snapshot }) { _ in last.signal() }
        store.awaitArrival()
        store.openGate()
        last.wait()
        let told = sizes.withLock { $0 }
        #expect(
            told.count == SnapshotWriter.waitingMax + 2 && told[..<SnapshotWriter.waitingMax].allSatisfy { $0 == 3 })
        #expect(told.suffix(2).allSatisfy { $0 == nil })
        snapshots.submit("large", { snapshot }, completion: outcomes.taker(of: "again"))
        snapshots.submit("large", { snapshot }) { _ in last.signal() }
        last.wait()
        #expect(outcomes.errors == [nil])
        snapshots.shutdown()
    }
}

extension Outcomes {
    fileprivate func taker(of name: String) -> SnapshotWriter.Completion {
        let take = taker(name)
        return { outcome in take(outcome.failure.map { .failure($0) } ?? .success(())) }
    }
}
