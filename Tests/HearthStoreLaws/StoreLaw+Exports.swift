import HearthStore
import Testing

extension StoreLaw {
    static let exports = [
        StoreLaw("an exported room is imported as it was") { fixture in
            let lines = try exported(fixture.store)
            let original = try #require(try fixture.store.load(room: "hall"))
            var copy = RoomImport(into: fixture.store, as: "copy")
            for line in lines { try copy.accept(line: line) }
            #expect(try fixture.store.record(room: "copy") == nil, "it must not be seen before it is whole")
            #expect(try copy.finish().seq == original.record.seq)
            var found = try #require(try fixture.store.load(room: "copy"))
            #expect(found.record.id == "copy")
            found.record.id = "hall"
            for index in found.sessions.indices { found.sessions[index].room = "hall" }
            #expect(found == original)
            #expect(try fixture.store.facts(room: "copy", after: 0, limit: 5_000).count == 2_002)
            #expect(
                try fixture.store.snapshotPositions(room: "copy") == fixture.store.snapshotPositions(room: "hall"))
        },
        StoreLaw("an import into a room that exists is refused") { fixture in
            let lines = try exported(fixture.store)
            var copy = RoomImport(into: fixture.store)
            #expect(throws: StoreError.exists(room: "hall")) { try copy.accept(line: lines[0]) }
        },
        StoreLaw("an import of a file that was changed or cut short leaves nothing behind") { fixture in
            let lines = try exported(fixture.store)
            let before = try dump(fixture.store)
            for damage in 0..<4 {
                var damaged = lines
                switch damage {
                case 0: damaged.removeLast()
                case 1: damaged.remove(at: 1_000)
                case 2: damaged.swapAt(1_500, 1_501)
                default: damaged[7] = Array(String(decoding: lines[7], as: UTF8.self).replacing("n", with: "m").utf8)
                }
                var copy = RoomImport(into: fixture.store, as: "copy")
                #expect(throws: StoreError.self, "damage \(damage)") {
                    for line in damaged { try copy.accept(line: line) }
                    _ = try copy.finish()
                }
                #expect(try dump(fixture.store) == before)
                #expect(try fixture.store.record(room: StagedRoom.id(for: "copy")) == nil)
            }
        },
    ]

    private static func exported(_ store: any RoomStore) throws -> [[UInt8]] {
        try store.put(everything("hall"))
        let position = try store.grow("hall", facts: 2_000, create: false)
        try store.keep(StoredSnapshot(seq: position.seq, state: [0xff, 0x00], head: position.head), of: "hall")
        var lines: [[UInt8]] = []
        var export = try RoomExport(of: "hall", in: store)
        while let page = try export.page(from: store) {
            lines += page.split(separator: UInt8(ascii: "\n")).map { Array($0) + [UInt8(ascii: "\n")] }
        }
        return lines
    }
}
