import HearthStore
import Testing

extension StoreLaw {
    static let snapshots = [
        StoreLaw("snapshots: the first, the latest two, and no wider apart than they must be") { fixture in
            var position = try fixture.store.grow("hall", facts: 0)
            for _ in 0..<120 {
                position = try fixture.store.grow("hall", facts: 100, create: false)
                let state = bytes("{\"seq\":\(position.seq)}")
                let snapshot = StoredSnapshot(seq: position.seq, state: state, head: position.head)
                try fixture.store.keep(snapshot, of: "hall")
            }
            let kept = try fixture.store.snapshotPositions(room: "hall")
            #expect(kept.first == 100 && kept.suffix(2) == [11_900, 12_000])
            #expect(zip(kept, kept.dropFirst()).allSatisfy { $1 - $0 <= StoreLimits.snapshotSpacing })
            #expect(kept.count <= 2 * 12_000 / Int(StoreLimits.snapshotSpacing) + 3)
            for seq in stride(from: UInt64(0), through: 12_000, by: 997) {
                let (snapshot, facts) = try #require(try fixture.store.stored(room: "hall", at: seq))
                #expect((snapshot?.seq ?? 0) + UInt64(facts.count) == seq)
                #expect(facts.count <= StoreLimits.snapshotSpacing)
            }
            #expect(try fixture.store.stored(room: "hall", at: 12_001) == nil)
        },
        StoreLaw("a snapshot is of a fact that the room has") { fixture in
            let position = try fixture.store.grow("hall", facts: 5)
            func keep(_ seq: UInt64, _ head: Hash, of room: String = "hall") throws {
                try fixture.store.keep(StoredSnapshot(seq: seq, state: bytes("{}"), head: head), of: room)
            }
            let ids = try fixture.store.facts(room: "hall", after: 0, limit: 10).map(\.id)
            try keep(0, .zero)
            try keep(3, ids[2])
            #expect(throws: StoreError.missing(room: "yard")) { try keep(0, .zero, of: "yard") }
            for (seq, head) in [(5, ids[3]), (6, position.head), (0, ids[0]), (UInt64.max, position.head)] {
                let error = #expect(throws: StoreError.self) { try keep(seq, head) }
                #expect(error?.faultyRoom == "hall", "\(seq)")
            }
            #expect(try fixture.store.snapshotPositions(room: "hall") == [0, 3])
            #expect(try fixture.store.load(room: "hall")?.snapshot?.seq == 3)
            #expect(try fixture.store.snapshot(room: "hall", at: 2) == nil)
            #expect(try fixture.store.snapshot(room: "yard", at: 0) == nil)
        },
        StoreLaw("a snapshot of the room that had the name before is not kept") { fixture in
            let old = try fixture.store.grow("hall", facts: 5)
            var deletion = RoomWrite(room: "hall")
            deletion.deleteRoom = true
            try fixture.store.commit([deletion])
            try fixture.store.commit([.creating("hall")])
            try fixture.store.commit([.appending((1...5).map { "{\"other\":\($0)}" }, to: "hall", after: .start)])
            let late = StoredSnapshot(seq: old.seq, state: bytes("{\"late\":1}"), head: old.head)
            #expect(throws: StoreError.self) { try fixture.store.keep(late, of: "hall") }
            #expect(try fixture.store.load(room: "hall")?.facts.count == 5)
        },
        StoreLaw("one of the same seq takes its place, and an older one is kept beside it") { fixture in
            _ = try fixture.store.grow("hall", facts: 9)
            let ids = try fixture.store.facts(room: "hall", after: 0, limit: 10).map(\.id)
            for (seq, text) in [(UInt64(7), "first"), (7, "second"), (4, "older")] {
                try fixture.store.keep(
                    StoredSnapshot(seq: seq, state: bytes(text), head: ids[Int(seq) - 1]), of: "hall")
            }
            #expect(try fixture.store.load(room: "hall")?.snapshot?.state == bytes("second"))
            #expect(try fixture.store.stored(room: "hall", at: 6)?.0?.state == bytes("older"))
            #expect(try fixture.store.snapshot(room: "hall", at: 7)?.state == bytes("second"))
        },
        StoreLaw("large and empty ones come back as they were, and after a crash too") { fixture in
            let position = try fixture.store.grow("hall", facts: 2)
            for size in [0, 1, 262_143, 262_144, 262_145, 1_000_000] {
                let state = (0..<size).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 >> 8) }
                try fixture.store.keep(StoredSnapshot(seq: 2, state: state, head: position.head), of: "hall")
                let found = try #require(try fixture.store.load(room: "hall")?.snapshot)
                #expect(found.state == state && found.head == position.head && found.seq == 2, "\(size) bytes")
            }
            guard try fixture.reopenAfterCrash() else { return }
            #expect(try fixture.store.load(room: "hall")?.snapshot?.state.count == 1_000_000)
        },
        StoreLaw("whichever step of keeping one fails, those before it are still there") { fixture in
            let position = try fixture.store.grow("hall", facts: 3)
            let ids = try fixture.store.facts(room: "hall", after: 0, limit: 10).map(\.id)
            try fixture.store.keep(StoredSnapshot(seq: 1, state: bytes("{\"kept\":1}"), head: ids[0]), of: "hall")
            let before = try dump(fixture.store)
            let next = StoredSnapshot(seq: 3, state: [UInt8](repeating: 32, count: 600_000), head: position.head)
            var step = 0
            while true {
                step += 1
                fixture.faults.fail(step: step, with: .full(detail: "step \(step)"))
                do {
                    try fixture.store.keep(next, of: "hall")
                } catch {
                    #expect(error as? StoreError == .full(detail: "step \(step)"))
                    #expect(try dump(fixture.store) == before, "after the failure of step \(step)")
                    continue
                }
                #expect(fixture.faults.disarm(), "it did not go on without being asked to fail")
                break
            }
            #expect(step > 1)
            #expect(try fixture.store.snapshotPositions(room: "hall") == [1, 3])
        },
    ]
}
