import HearthStore
import Testing

extension StoreLaw {
    static let records = [
        StoreLaw("the answers of the last 256 events of a session are kept") { fixture in
            try fixture.store.commit([.creating("hall")])
            for event in Int64(1)...300 {
                var write = RoomWrite(room: "hall")
                write.marks = [Mark(session: "s", event: event, answer: [UInt8(event & 255)])]
                if event % 50 == 0 { write.marks.append(Mark(session: "calm", event: event / 50, answer: [])) }
                try fixture.store.commit([write])
            }
            let marks = try #require(try fixture.store.load(room: "hall")).marks
            #expect(marks.filter { $0.session == "s" }.map(\.event) == Array(45...300))
            #expect(marks.filter { $0.session == "calm" }.count == 6)
        },
        StoreLaw("ending a session removes its record and its marks, and nobody else's") { fixture in
            try fixture.store.commit([.creating("hall")])
            var write = RoomWrite(room: "hall")
            for id in ["a", "b"] {
                write.sessions.append(SessionRecord(room: "hall", id: id, secretHash: .zero, createdAt: 1))
                write.marks.append(Mark(session: id, event: 1, answer: []))
            }
            try fixture.store.commit([write])
            var ending = RoomWrite(room: "hall")
            ending.endedSessions = ["a", "unknown"]
            ending.marks = [Mark(session: "a", event: 2, answer: [])]
            try fixture.store.commit([ending])
            let room = try #require(try fixture.store.load(room: "hall"))
            #expect(room.sessions.map(\.id) == ["b"] && room.marks.map(\.session) == ["b"])
        },
        StoreLaw("messages to other rooms keep their order; deliveries count once and are bounded") { fixture in
            try fixture.store.commit([.creating("hall")])
            var write = RoomWrite(room: "hall")
            write.outgoingAdded = ["z", "a", "m"].map { OutgoingRecord(id: $0, toRoom: "yard", event: "e") }
            write.received = ["one", "two", "one", "three"]
            write.receivedSettled = ["two"]
            try fixture.store.commit([write])
            var next = RoomWrite(room: "hall")
            next.outgoingDone = ["a"]
            next.outgoingAdded = [
                OutgoingRecord(id: "b", toRoom: "yard", event: "e"),
                OutgoingRecord(id: "z", toRoom: "yard", event: "f"),
            ]
            next.received = (0..<StoreLimits.receivedMax - 2).map { "more-\($0)" }
            next.receivedSettled = ["unknown", "more-0"]
            try fixture.store.commit([next])
            #expect(try fixture.store.load(room: "hall")?.received.prefix(2).map(\.id) == ["one", "two"])
            var last = RoomWrite(room: "hall")
            last.received = ["last"]
            try fixture.store.commit([last])
            #expect(try fixture.store.load(room: "hall")?.received.prefix(2).map(\.id) == ["one", "three"])
            var late = RoomWrite(room: "hall")
            late.receivedSettled = ["three"]
            try fixture.store.commit([late])
            late.receivedSettled = []
            late.received = ["latest"]
            try fixture.store.commit([late])
            let room = try #require(try fixture.store.load(room: "hall"))
            #expect(room.outgoing.map(\.id) == ["z", "m", "b"] && room.outgoing[0].event == "f")
            let settled = room.received.filter(\.isSettled).map(\.id)
            #expect(room.received.first?.id == "one" && room.received.count == StoreLimits.receivedMax + 1)
            #expect(settled == ["more-0"])
        },
    ]
}
