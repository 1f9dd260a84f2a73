import HearthStore
import Testing

extension StoreLaw {
    static let chains = [
        StoreLaw("a write made for another head is refused, and names the room") { fixture in
            let position = try fixture.store.grow("hall", facts: 3)
            var write = RoomWrite.appending(["{}"], to: "hall", after: position)
            write.expectedHead = .zero
            let expected = StoreError.headMismatch(room: "hall", expected: .zero, found: position.head)
            #expect(throws: expected) { try fixture.store.commit([write]) }
            #expect(expected.faultyRoom == "hall")
            write.expectedHead = position.head
            try fixture.store.commit([write])
            #expect(throws: StoreError.self) { try fixture.store.commit([write]) }
        },
        StoreLaw("a fact that skips a seq or has another parent is refused") { fixture in
            let position = try fixture.store.grow("hall", facts: 3)
            let skipping = RoomPosition(seq: position.seq + 1, head: position.head)
            #expect(throws: StoreError.self) {
                try fixture.store.commit([.appending(["{}"], to: "hall", after: skipping)])
            }
            let stranger = RoomPosition(seq: position.seq, head: SHA256.hash([9]))
            #expect(throws: StoreError.self) {
                try fixture.store.commit([.appending(["{}"], to: "hall", after: stranger)])
            }
            #expect(try fixture.store.record(room: "hall")?.position == position)
        },
        StoreLaw("a room with a changed fact does not load, and the fact is named") { fixture in
            try fixture.store.grow("hall", facts: 5)
            try fixture.damageContent(room: "hall", seq: 3)
            expectCorrupt(seq: 3) { _ = try fixture.store.load(room: "hall") }
            expectCorrupt(seq: 3) { _ = try fixture.store.stored(room: "hall", at: 4) }
            #expect(try fixture.store.stored(room: "hall", at: 2)?.1.count == 2)
            let findings = try fixture.store.verify(room: "hall").findings
            #expect(findings.map(\.seq) == [3])
        },
        StoreLaw("a room with a missing fact does not load, and the gap is named") { fixture in
            try fixture.store.grow("hall", facts: 5)
            try fixture.removeFact(room: "hall", seq: 4)
            expectCorrupt(seq: 4) { _ = try fixture.store.load(room: "hall") }
            #expect(try fixture.store.verify(room: "hall").findings.map(\.seq).first == 4)
        },
        StoreLaw("a room whose newest fact is missing does not load") { fixture in
            try fixture.store.grow("hall", facts: 5)
            try fixture.removeFact(room: "hall", seq: 5)
            expectCorrupt(seq: 5) { _ = try fixture.store.load(room: "hall") }
        },
        StoreLaw("a room whose head is not its newest fact does not load") { fixture in
            try fixture.store.grow("hall", facts: 5)
            try fixture.damageHead(room: "hall")
            expectCorrupt(seq: 5) { _ = try fixture.store.load(room: "hall") }
            #expect(!(try fixture.store.verify(room: "hall").findings.isEmpty))
        },
        StoreLaw("verify walks a whole log, tells how far it is, and finds nothing in a sound one") { fixture in
            let position = try fixture.store.grow("hall", facts: 2_500)
            let snapshot = StoredSnapshot(seq: position.seq, state: bytes("{}"), head: position.head)
            try fixture.store.keep(snapshot, of: "hall")
            var told: [UInt64] = []
            let report = try fixture.store.verify(room: "hall") { checked, total in
                told.append(checked)
                #expect(total == 2_500)
            }
            #expect(report.findings.isEmpty && report.facts == 2_500 && report.snapshots == 1)
            #expect(told == told.sorted() && told.last == 2_500)
        },
    ]

    private static func expectCorrupt(
        seq: UInt64, _ body: () throws -> Void, at location: SourceLocation = #_sourceLocation
    ) {
        let error = #expect(throws: StoreError.self, sourceLocation: location, performing: body)
        guard case .corrupt(let room, let found, _)? = error else {
            Issue.record("\(String(describing: error)) is not corrupt", sourceLocation: location)
            return
        }
        #expect(room == "hall" && found == seq, sourceLocation: location)
    }
}
