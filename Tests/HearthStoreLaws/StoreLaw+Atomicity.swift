import HearthStore
import Testing

extension StoreLaw {
    static let atomicity = [
        StoreLaw("whichever step fails, nothing has been applied; without a failure all of it has") { fixture in
            try fixture.store.put(everything("old"))
            try fixture.store.commit([.creating("doomed")])
            let before = try dump(fixture.store)
            let writes = try manyWrites(fixture.store)
            var step = 0
            while true {
                step += 1
                fixture.faults.fail(step: step, with: .full(detail: "step \(step)"))
                do {
                    try fixture.store.commit(writes)
                } catch {
                    #expect(error as? StoreError == .full(detail: "step \(step)"))
                    #expect(try dump(fixture.store) == before, "after the failure of step \(step)")
                    continue
                }
                #expect(fixture.faults.disarm(), "the commit did not go on without being asked to fail")
                break
            }
            #expect(step > writes.count)
            let after = try dump(fixture.store)
            #expect(after.map(\.record.id) == ["new", "old"])
            #expect(after[1].record.seq == 4 && after[1].sessions.isEmpty && after[1].timers.isEmpty)
        },
        StoreLaw("one write at fault keeps all others of its commit out") { fixture in
            try fixture.store.grow("hall", facts: 1)
            let before = try dump(fixture.store)
            let bad = RoomWrite.appending(["{}"], to: "hall", after: .start)
            #expect(throws: StoreError.self) {
                try fixture.store.commit([.creating("first"), bad, .creating("last")])
            }
            #expect(try dump(fixture.store) == before)
        },
    ]

    /// All rooms, whole.
    static func dump(_ store: any RoomStore) throws -> [StoredRoom] {
        try store.rooms(recipe: nil, after: nil, limit: 1_000).map { try #require(try store.load(room: $0.id)) }
    }

    private static func manyWrites(_ store: any RoomStore) throws -> [RoomWrite] {
        let head = try #require(try store.record(room: "old")).position
        var change = RoomWrite.appending(["{\"c\":3}", "{\"d\":4}"], to: "old", after: head)
        change.endedSessions = ["s1"]
        change.timersCancelled = ["t"]
        change.outgoingDone = ["o"]
        change.received = ["delivery-2"]
        var deletion = RoomWrite(room: "doomed")
        deletion.deleteRoom = true
        return [change, everything("new"), deletion]
    }
}
