import HearthStore
import HearthStoreLaws
import Synchronization
import Testing

@Suite("The group writer")
struct GroupWriterTests {
    let store = GatedStore()
    let outcomes = Outcomes()

    @Test("everything that waits becomes one commit, and is answered in order")
    func groups() throws {
        let writer = GroupWriter(store: store)
        submitBehindClosedGate(writer, (0..<100).map { RoomWrite.creating("room-\($0)") })
        #expect(outcomes.names == ["gate"] + (0..<100).map { "room-\($0)" })
        #expect(writer.counters.batches == 2 && writer.counters.writes == 101 && writer.counters.largestBatch == 100)
    }

    @Test("a faulty write fails alone; the other rooms of its commit do not")
    func isolatesFaults() throws {
        let writer = GroupWriter(store: store)
        submitBehindClosedGate(writer, [.creating("a"), .creating("a"), .creating("b")])
        #expect(outcomes.errors == [nil, nil, .exists(room: "a"), nil])
        #expect(try store.rooms(recipe: nil, after: nil, limit: 10).map(\.id) == ["a", "b", "gate"])
    }

    @Test("writes behind a failed one of the same room fail with its error, also those of later commits")
    func failsWhatWaitsBehind() throws {
        let writer = GroupWriter(store: store, limits: GroupWriterLimits(batchWritesMax: 2))
        let bad = RoomWrite.appending(["{}"], to: "a", after: RoomPosition(seq: 5, head: .zero))
        var session = RoomWrite(room: "a")
        session.updatedAt = 9_999
        submitBehindClosedGate(writer, [.creating("a"), bad, session, session, .creating("b")])
        let failures = outcomes.errors.compactMap { $0 }
        #expect(failures.count == 3 && Set(failures).count == 1 && failures.first?.faultyRoom == "a")
        #expect(outcomes.names.count == 6)
        #expect(try store.record(room: "a")?.updatedAt == 1_000)
        #expect(try store.record(room: "b") != nil)
    }

    @Test("when the store itself refuses, all fail, and later writes go on")
    func storeWideFailure() throws {
        let writer = GroupWriter(store: store)
        store.failSecondCommit(with: .full(detail: "test"))
        submitBehindClosedGate(writer, [.creating("a"), .creating("b")])
        #expect(outcomes.errors == [nil, .full(detail: "test"), .full(detail: "test")])
        writer.submit(.creating("a"), completion: outcomes.taker("a"))
        writer.flush()
        #expect(outcomes.errors.count == 4 && outcomes.errors.last == .some(nil))
    }

    @Test("a writer that has been shut down has written everything and refuses more")
    func shutdown() throws {
        let writer = GroupWriter(store: store)
        store.openGate()
        for index in 0..<50 { writer.submit(.creating("room-\(index)"), completion: outcomes.taker("x")) }
        writer.shutdown()
        #expect(try store.rooms(recipe: nil, after: nil, limit: 100).count == 50)
        writer.submit(.creating("late"), completion: outcomes.taker("late"))
        writer.flush()
        #expect(outcomes.errors.last == .closed)
    }

    @Test("a room that writes a lot does not keep the others waiting beyond their turn")
    func fairness() throws {
        let writer = GroupWriter(store: store, limits: GroupWriterLimits(batchWritesMax: 10))
        submitBehindClosedGate(writer, (0..<35).map { .creating("busy-\($0)") } + [.creating("calm")])
        #expect(outcomes.names.last == "calm")
        #expect(writer.counters.batches == 5 && writer.counters.largestBatch == 10)
    }

    @Test("what deleted rooms leave is swept share by share, by one at a time, and writes go in between")
    func sweeps() throws {
        let writer = GroupWriter(store: store)
        store.openGate()
        for name in ["one", "two"] { writer.submit(.creating(name), completion: outcomes.taker(name)) }
        writer.flush()
        store.awaitArrival()
        store.leftovers.store(3, ordering: .relaxed)
        for name in ["one", "two"] {
            var deletion = RoomWrite(room: name)
            deletion.deleteRoom = true
            writer.submit(deletion, completion: outcomes.taker("deleted"))
        }
        for share in 0..<3 {
            store.awaitArrival()
            store.letSweep()
            writer.submit(.creating("\(share)"), completion: outcomes.taker("\(share)"))
            writer.flush()
            #expect(outcomes.names.last == "\(share)")
        }
        store.awaitArrival()
        store.letSweep()
        writer.flush()
        #expect(store.leftovers.load(ordering: .relaxed) == -1)
        // One that ended may begin again.
        writer.sweep()
        store.awaitArrival()
        store.letSweep()
        writer.shutdown()
        #expect(store.leftovers.load(ordering: .relaxed) == -2)
        #expect(outcomes.errors.allSatisfy { $0 == nil })
    }

    @Test("more than the limit may not wait")
    func bounded() throws {
        let writer = GroupWriter(store: store, limits: GroupWriterLimits(waitingMax: 3))
        submitBehindClosedGate(writer, (0..<5).map { .creating("room-\($0)") })
        #expect(outcomes.errors.compactMap { $0 }.count == 2)
        #expect(try store.rooms(recipe: nil, after: nil, limit: 100).count == 4)
    }

    /// Submits while the writer is held up by a first write, then waits for all of them.
    private func submitBehindClosedGate(_ writer: GroupWriter, _ writes: [RoomWrite]) {
        writer.submit(.creating("gate"), completion: outcomes.taker("gate"))
        store.awaitArrival()
        for write in writes { writer.submit(write, completion: outcomes.taker(write.room)) }
        store.openGate()
        writer.flush()
    }
}

/// What the completions were told, in order.
final class Outcomes: Sendable {
    private let taken = Mutex<[(String, StoreError?)]>([])

    func taker(_ name: String) -> GroupWriter.Completion {
        { result in
            var error: StoreError?
            if case .failure(let failure) = result { error = failure }
            let outcome = (name, error)
            self.taken.withLock { $0.append(outcome) }
        }
    }

    var names: [String] { taken.withLock { $0.map(\.0) } }
    var errors: [StoreError?] { taken.withLock { $0.map(\.1) } }
}
