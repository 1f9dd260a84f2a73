import HearthStore
import Testing

extension StoreLaw {
    static let lists = [
        StoreLaw("rooms are listed page by page in order of bytes, each once") { fixture in
            let ids = ["Z", "a", "b-1", "b-10", "b-2", "é", "ö", "日本", "🜁"]
            for (index, id) in ids.shuffled().enumerated() {
                try fixture.store.commit([.creating(id, recipe: index.isMultiple(of: 2) ? "chat" : "poll")])
            }
            try fixture.store.commit([.creating(StagedRoom.id(for: "hidden"))])
            var listed: [String] = []
            var after: String?
            while true {
                let page = try fixture.store.rooms(recipe: nil, after: after, limit: 2)
                #expect(page.count <= 2)
                guard let last = page.last else { break }
                listed += page.map(\.id)
                after = last.id
            }
            #expect(listed == ids)
            #expect(try fixture.store.roomCount() == ids.count)
            let chats = try fixture.store.rooms(recipe: "chat", after: nil, limit: 100)
            #expect(chats.count == 5 && chats.allSatisfy { $0.recipe == "chat" })
            #expect(try fixture.store.rooms(recipe: nil, after: nil, limit: 0).isEmpty)
            #expect(try fixture.store.rooms(recipe: nil, after: nil, limit: -1).isEmpty)
            #expect(try fixture.store.rooms(recipe: "none", after: nil, limit: 5).isEmpty)
        },
        StoreLaw("facts are read page by page") { fixture in
            try fixture.store.grow("hall", facts: 25)
            try fixture.store.grow("next", facts: 5)
            var seqs: [UInt64] = []
            while true {
                let page = try fixture.store.facts(room: "hall", after: seqs.last ?? 0, limit: 10)
                if page.isEmpty { break }
                seqs += page.map(\.seq)
            }
            #expect(seqs == Array(1...25))
            #expect(try fixture.store.facts(room: "hall", after: .max, limit: 10).isEmpty)
        },
        StoreLaw("rooms with due timers come earliest first; those with messages by name") { fixture in
            for (index, room) in ["c", "a", "b"].enumerated() {
                var write = RoomWrite.creating(room)
                let due = Int64(100 * (3 - index))
                write.timersSet = [
                    TimerRecord(id: "late", dueAt: due + 1_000, handler: "h"),
                    TimerRecord(id: "early", dueAt: due, handler: "h"),
                ]
                write.outgoingAdded = [OutgoingRecord(id: "m", toRoom: "x", event: "e")]
                try fixture.store.commit([write, .creating("idle-\(room)")])
            }
            let due = try fixture.store.dueRooms(before: 300, limit: 10)
            #expect(due == [DueRoom(room: "b", dueAt: 100), DueRoom(room: "a", dueAt: 200)])
            #expect(try fixture.store.dueRooms(before: 2_000, limit: 1).map(\.room) == ["b"])
            #expect(try fixture.store.roomsWithOutgoing(after: nil, limit: 2) == ["a", "b"])
            #expect(try fixture.store.roomsWithOutgoing(after: "b", limit: 2) == ["c"])
        },
    ]
}
