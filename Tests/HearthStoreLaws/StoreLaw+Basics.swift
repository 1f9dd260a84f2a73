package import HearthStore
import Testing

extension StoreLaw {
    static let basics = [
        StoreLaw("what was committed is loaded again, and after a crash too") { fixture in
            try fixture.store.put(everything("hall"))
            let expected = try #require(try fixture.store.load(room: "hall"))
            #expect(expected.record.seq == 2)
            #expect(expected.facts.map(\.content) == [bytes("{\"b\":2}")])
            #expect(expected.snapshot?.seq == 1)
            #expect(expected.sessions.map(\.roles) == [["admin", "a:b", ""]])
            #expect(expected.marks.map(\.event) == [1])
            #expect(expected.timers.map(\.dueAt) == [5_000])
            #expect(expected.outgoing.map(\.toRoom) == ["other"])
            #expect(expected.received == [ReceivedRecord(id: "delivery-1", isSettled: true)])
            guard try fixture.reopenAfterCrash() else { return }
            #expect(try fixture.store.load(room: "hall") == expected)
        },
        StoreLaw("a room that is not there is nil, and not an empty room") { fixture in
            try fixture.store.commit([.creating("somewhere")])
            #expect(try fixture.store.load(room: "nowhere") == nil)
            #expect(try fixture.store.record(room: "nowhere") == nil)
            #expect(try fixture.store.stored(room: "nowhere", at: 0) == nil)
            #expect(try fixture.store.facts(room: "nowhere", after: 0, limit: 10).isEmpty)
            #expect(throws: StoreError.missing(room: "nowhere")) {
                try fixture.store.commit([.appending(["{}"], to: "nowhere", after: .start)])
            }
        },
        StoreLaw("a room is created once") { fixture in
            try fixture.store.commit([.creating("hall")])
            #expect(throws: StoreError.exists(room: "hall")) { try fixture.store.commit([.creating("hall")]) }
            #expect(throws: StoreError.exists(room: "yard")) {
                try fixture.store.commit([.creating("yard"), .creating("yard")])
            }
            #expect(try fixture.store.record(room: "yard") == nil)
        },
        StoreLaw("a deleted room leaves nothing behind, and its name is free") { fixture in
            try fixture.store.put(everything("hall"))
            var deletion = RoomWrite(room: "hall")
            deletion.deleteRoom = true
            try fixture.store.commit([deletion])
            #expect(try fixture.store.load(room: "hall") == nil)
            #expect(try fixture.store.dueRooms(before: .max, limit: 10).isEmpty)
            #expect(try fixture.store.roomsWithOutgoing(after: nil, limit: 10).isEmpty)
            #expect(throws: StoreError.missing(room: "hall")) { try fixture.store.commit([deletion]) }
            try fixture.store.commit([.creating("hall")])
            let again = try #require(try fixture.store.load(room: "hall"))
            #expect(again.facts.isEmpty && again.marks.isEmpty && again.sessions.isEmpty && again.snapshot == nil)
            #expect(try fixture.store.snapshotPositions(room: "hall").isEmpty)
        },
        StoreLaw("a large room is gone at once, and what it leaves bit by bit") { fixture in
            try fixture.store.put(everything("hall"))
            let old = try fixture.store.grow("hall", facts: 2_000, create: false)
            try fixture.store.commit([.creating("yard")])
            var deletion = RoomWrite(room: "hall")
            deletion.deleteRoom = true
            try fixture.store.commit([deletion])
            #expect(try dump(fixture.store).map(\.record.id) == ["yard"])
            #expect(try fixture.store.roomCount() == 1)
            for after in ["", "\0", "\u{1}", "\u{1}\u{1}", "\u{1}z"] {
                #expect(try fixture.store.rooms(recipe: nil, after: after, limit: 10).map(\.id) == ["yard"])
                #expect(try fixture.store.roomsWithOutgoing(after: after, limit: 10).isEmpty)
            }
            #expect(try fixture.store.load(room: "hall") == nil)
            #expect(try fixture.store.dueRooms(before: .max, limit: 10).isEmpty)
            #expect(throws: StoreError.self) {
                try fixture.store.keep(StoredSnapshot(seq: old.seq, state: [], head: old.head), of: "hall")
            }
            // The name is free before all of it is gone.
            try fixture.store.grow("hall", facts: 5)
            _ = try fixture.reopenAfterCrash()
            #expect(try fixture.store.load(room: "hall")?.facts.count == 5)
            while try fixture.store.sweep() {}
            #expect(try dump(fixture.store).map(\.record.id) == ["hall", "yard"])
            #expect(try fixture.store.load(room: "hall")?.facts.count == 5)
            #expect(try fixture.store.verify(room: "hall").findings.isEmpty)
            try fixture.store.commit([deletion])
            while try fixture.store.sweep() {}
            #expect(try fixture.store.roomCount() == 1)
        },
        StoreLaw("a renamed room keeps all it has; a taken name is refused") { fixture in
            try fixture.store.put(everything("hall"))
            try fixture.store.commit([.creating("yard")])
            var write = RoomWrite(room: "hall")
            write.renameTo = "yard"
            #expect(throws: StoreError.exists(room: "yard")) { try fixture.store.commit([write]) }
            let before = try #require(try fixture.store.load(room: "hall"))
            write.renameTo = "garden"
            try fixture.store.commit([write])
            #expect(try fixture.store.load(room: "hall") == nil)
            let after = try #require(try fixture.store.load(room: "garden"))
            #expect(after.facts == before.facts && after.marks == before.marks && after.timers == before.timers)
            #expect(after.snapshot == before.snapshot && after.snapshot != nil)
            #expect(after.record.id == "garden" && after.sessions.map(\.room) == ["garden"])
        },
        StoreLaw("a closed store refuses everything") { fixture in
            try fixture.store.commit([.creating("hall")])
            fixture.store.close()
            fixture.store.close()
            #expect(throws: StoreError.closed) { try fixture.store.load(room: "hall") }
            #expect(throws: StoreError.closed) { try fixture.store.commit([.creating("yard")]) }
            #expect(throws: StoreError.closed) { try fixture.store.check() }
            let snapshot = StoredSnapshot(seq: 0, state: [], head: .zero)
            #expect(throws: StoreError.closed) { try fixture.store.keep(snapshot, of: "hall") }
        },
    ]

    /// A write that uses every part.
    package static func everything(_ room: String) -> RoomWrite {
        var write = RoomWrite.creating(room)
        write.facts = RoomWrite.appending(["{\"a\":1}", "{\"b\":2}"], to: room, after: .start).facts
        write.sessions = [
            SessionRecord(
                room: room, id: "s1", secretHash: SHA256.hash([1]), user: "ada", name: "Ada 🜁",
                roles: ["admin", "a:b", ""], lastEvent: 1, createdAt: 1_000, disconnectedAt: nil, extra: [0, 255])
        ]
        write.marks = [Mark(session: "s1", event: 1, answer: bytes("{\"seq\":1}"))]
        write.timersSet = [TimerRecord(id: "t", dueAt: 5_000, handler: "tick", data: bytes("null"), kind: "every")]
        write.outgoingAdded = [OutgoingRecord(id: "o", toRoom: "other", event: "hello", data: [])]
        write.received = ["delivery-1"]
        write.receivedSettled = ["delivery-1"]
        write.updatedAt = 2_000
        return write
    }
}
