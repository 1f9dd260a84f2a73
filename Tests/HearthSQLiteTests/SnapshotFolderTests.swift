import Dispatch
import Foundation
import HearthSQLite
import HearthStore
import HearthStoreLaws
import Synchronization
import Testing

#if canImport(Glibc)
    import Glibc
#endif

@Suite("The folder of snapshots")
struct SnapshotFolderTests {
    /// A room of ten facts with snapshots of 4 and 8, whose states say so.
    private func filled(_ folder: DataFolder) throws -> SQLiteStore {
        let store = try SQLiteStore(folder: folder.path)
        try store.grow("hall", facts: 10)
        try keep([4, 8], in: store)
        return store
    }

    private func keep(_ seqs: [UInt64], in store: SQLiteStore) throws {
        let ids = try store.facts(room: "hall", after: 0, limit: 100).map(\.id)
        for seq in seqs {
            try store.keep(
                StoredSnapshot(seq: seq, state: Array("at \(seq)".utf8), head: ids[Int(seq) - 1]), of: "hall")
        }
    }

    @Test("a damaged one is passed over for an older one, told of, and found by verify", arguments: Damage.allCases)
    func damaged(_ damage: Damage) throws {
        let folder = try DataFolder()
        let store = try filled(folder)
        try damage.do(to: folder.snapshots + "/0/1/8")
        let loaded = try #require(try store.load(room: "hall"))
        #expect(loaded.snapshot?.seq == 4 && loaded.facts.map(\.seq) == Array(5...10))
        #expect(loaded.passedOver.count == 1 && loaded.passedOver[0].contains("/0/1/8 "), "\(loaded.passedOver)")
        #expect(try store.stored(room: "hall", at: 9)?.0?.seq == 4)
        let findings = try store.verify(room: "hall").findings
        #expect(findings.map(\.seq) == [8], "\(findings)")
        // An export has all that happened.
        var export = try RoomExport(of: "hall", in: store)
        var copy = RoomImport(into: store, as: "copy")
        while let page = try export.page(from: store) {
            for line in page.split(separator: UInt8(ascii: "\n")) { try copy.accept(line: Array(line)) }
        }
        #expect(try copy.finish().seq == 10)
        #expect(try store.snapshotPositions(room: "copy") == [4])
        store.close()
    }

    enum Damage: CaseIterable {
        case changed, cutShort, emptied, ofAnotherSeq, noText

        func `do`(to file: String) throws {
            var bytes = try Data(contentsOf: URL(fileURLWithPath: file))
            switch self {
            case .changed: bytes[bytes.count - 1] ^= 1
            case .cutShort: bytes.removeLast()
            case .emptied: bytes = Data()
            case .ofAnotherSeq:
                bytes = try Data(contentsOf: URL(fileURLWithPath: file.dropLast() + "4"))
            case .noText: bytes = Data(repeating: 0xff, count: 5_000)
            }
            try bytes.write(to: URL(fileURLWithPath: file))
        }
    }

    @Test("a room is loaded without any of them, as from a backup of the database alone")
    func gone() throws {
        let folder = try DataFolder()
        let store = try filled(folder)
        try FileManager.default.removeItem(atPath: folder.snapshots)
        #expect(try store.load(room: "hall")?.facts.count == 10)
        #expect(try store.snapshotPositions(room: "hall").isEmpty)
        #expect(try store.verify(room: "hall").findings.isEmpty)
        try keep([9], in: store)
        #expect(try store.load(room: "hall")?.snapshot?.seq == 9)
        store.close()
    }

    @Test("those of a later state than the database's are passed over, and go with the next one")
    func restoredDatabase() throws {
        let folder = try DataFolder()
        let store = try filled(folder)
        let backup = try DataFolder()
        try store.backup(to: backup.database)
        try store.grow("hall", facts: 10, create: false)
        try keep([15], in: store)
        store.close()
        for end in ["-wal", "-shm", ""] { try? FileManager.default.removeItem(atPath: folder.database + end) }
        try FileManager.default.copyItem(atPath: backup.database, toPath: folder.database)
        let restored = try SQLiteStore(folder: folder.path)
        #expect(try restored.load(room: "hall")?.snapshot?.seq == 8)
        #expect(try restored.snapshotPositions(room: "hall") == [4, 8])
        #expect(try restored.snapshot(room: "hall", at: 15) == nil)
        // Another history from here on: what was seq 15 is something else now.
        let head = try #require(try restored.record(room: "hall")).position
        try restored.commit([.appending((11...16).map { "{\"other\":\($0)}" }, to: "hall", after: head)])
        let loaded = try #require(try restored.load(room: "hall"))
        #expect(loaded.snapshot?.seq == 8 && loaded.facts.count == 8)
        #expect(loaded.passedOver == [])
        #expect(try restored.verify(room: "hall").findings.isEmpty)
        try keep([16], in: restored)
        #expect(folder.snapshotFiles() == ["0/1/16", "0/1/4", "0/1/8"])
        #expect(try restored.load(room: "hall")?.passedOver == [])
        restored.close()
    }

    @Test("a deleted room takes them along, and a number that is used again begins without any")
    func deletion() throws {
        let folder = try DataFolder()
        let store = try filled(folder)
        var deletion = RoomWrite(room: "hall")
        deletion.deleteRoom = true
        try store.commit([deletion])
        #expect(folder.snapshotFiles().isEmpty)
        #expect(!FileManager.default.fileExists(atPath: folder.snapshots + "/0/1"))
        while try store.sweep() {}
        try store.grow("yard", facts: 10)
        #expect(try store.snapshotPositions(room: "yard").isEmpty)
        #expect(try folder.integer("SELECT number FROM rooms WHERE id = 'yard'") == 1)
        store.close()
    }

    /// Rooms are deleted and made again under the same name while snapshots of them are on their way.
    @Test("a room that is deleted while one is written leaves none behind")
    func deletionMeanwhile() throws {
        let folder = try DataFolder()
        let store = try SQLiteStore(folder: folder.path)
        let isOver = Atomic(false)
        let hasEnded = DispatchSemaphore(value: 0)
        let keeper = Thread {
            defer { hasEnded.signal() }
            while !isOver.load(ordering: .relaxed) {
                guard let record = try? store.record(room: "hall") else { continue }
                let state = [UInt8](repeating: 7, count: 300_000)
                try? store.keep(StoredSnapshot(seq: record.seq, state: state, head: record.head), of: "hall")
            }
        }
        keeper.start()
        for round in 0..<60 {
            let position = try store.grow("hall", facts: 3 + round % 5)
            // Each time at another moment of the other thread.
            for _ in 0..<(round % 7) * 4 { _ = try store.record(room: "hall") }
            let loaded = try #require(try store.load(room: "hall"))
            #expect(loaded.record.position == position)
            var deletion = RoomWrite(room: "hall")
            deletion.deleteRoom = true
            try store.commit([deletion])
            #expect(try store.snapshotPositions(room: "hall").isEmpty)
        }
        isOver.store(true, ordering: .relaxed)
        hasEnded.wait()
        #expect(folder.snapshotFiles().isEmpty)
        store.close()
    }

    @Test("what a process left that was killed while it wrote one is removed when a server opens the data")
    func unfinished() throws {
        let folder = try DataFolder()
        try filled(folder).close()
        let left = folder.snapshots + "/.new-1-9-77"
        try Data(count: 1_000).write(to: URL(fileURLWithPath: left))
        let tool = try SQLiteStore(folder: folder.path, configuration: SQLiteStoreConfiguration(access: .readOnly))
        #expect(try tool.load(room: "hall")?.snapshot?.seq == 8)
        #expect(throws: StoreError.self) { try keep([9], in: tool) }
        tool.close()
        #expect(FileManager.default.fileExists(atPath: left))
        try SQLiteStore(folder: folder.path).close()
        #expect(folder.snapshotFiles() == ["0/1/4", "0/1/8"])
    }

    @Test(
        "what a process left that was killed while it deleted a room is removed; a room that is still there keeps its own"
    )
    func killedWhileDeleting() throws {
        let folder = try DataFolder()
        let store = try filled(folder)
        try store.grow("yard", facts: 2)
        let head = try #require(try store.record(room: "yard")).position
        try store.keep(StoredSnapshot(seq: 2, state: [1], head: head.head), of: "yard")
        let yard = folder.snapshots + "/0/2"
        let saved = folder.path + "/saved"
        try FileManager.default.copyItem(atPath: yard, toPath: saved)
        var deletion = RoomWrite(room: "yard")
        deletion.deleteRoom = true
        try store.commit([deletion])
        store.close()
        try FileManager.default.moveItem(atPath: saved, toPath: yard)
        for number in [1, 2] { try Data().write(to: URL(fileURLWithPath: "\(folder.snapshots)/.gone-\(number)")) }
        let again = try SQLiteStore(folder: folder.path)
        #expect(folder.snapshotFiles() == ["0/1/4", "0/1/8"])
        #expect(try again.load(room: "hall")?.snapshot?.seq == 8)
        again.close()
    }

    @Test("one that is in the way as something else is passed over at once: a folder, a pipe, a link, a huge file")
    func somethingElse() throws {
        let folder = try DataFolder()
        let store = try filled(folder)
        let place = folder.snapshots + "/0/1/9"
        let files = FileManager.default
        let ways: [() throws -> Void] = [
            { try files.createDirectory(atPath: place, withIntermediateDirectories: false) },
            { #expect(mkfifo(place, 0o600) == 0) },
            { try files.createSymbolicLink(atPath: place, withDestinationPath: folder.snapshots + "/0/1/8") },
            {
                try Data().write(to: URL(fileURLWithPath: place))
                #expect(truncate(place, 8 << 40) == 0)
            },
        ]
        for (number, make) in ways.enumerated() {
            try make()
            let loaded = try #require(try store.load(room: "hall"))
            #expect(loaded.snapshot?.seq == 8 && loaded.passedOver.count == 1, "\(number): \(loaded.passedOver)")
            #expect(try store.verify(room: "hall").findings.map(\.seq) == [9], "\(number)")
            var export = try RoomExport(of: "hall", in: store)
            while try export.page(from: store) != nil {}
            try files.removeItem(atPath: place)
        }
        store.close()
    }

    @Test("a folder that cannot be listed is told of, and the room is whole without it")
    func unlisted() throws {
        let folder = try DataFolder()
        let store = try filled(folder)
        try FileManager.default.removeItem(atPath: folder.snapshots + "/0/1")
        try Data().write(to: URL(fileURLWithPath: folder.snapshots + "/0/1"))
        let loaded = try #require(try store.load(room: "hall"))
        #expect(loaded.facts.count == 10 && loaded.passedOver.count == 1)
        #expect(try store.verify(room: "hall").findings.map(\.seq) == [nil])
        var export = try RoomExport(of: "hall", in: store)
        while try export.page(from: store) != nil {}
        #expect(throws: StoreError.self) { try keep([9], in: store) }
        store.close()
    }

    @Test("what cannot be removed is told of, and removed by the next start that can")
    func stubborn() throws {
        let folder = try DataFolder()
        let told = Mutex<[String]>([])
        let configuration = SQLiteStoreConfiguration(onTrouble: { trouble in told.withLock { $0.append(trouble) } })
        try filled(folder).close()
        let store = try SQLiteStore(folder: folder.path, configuration: configuration)
        let inTheWay = folder.snapshots + "/0/1/4.d"
        try FileManager.default.createDirectory(atPath: inTheWay, withIntermediateDirectories: false)
        var deletion = RoomWrite(room: "hall")
        deletion.deleteRoom = true
        try store.commit([deletion])
        #expect(told.withLock { $0 }.contains { $0.contains("/0/1") }, "\(told.withLock { $0 })")
        #expect(folder.snapshotFiles() == [".gone-1"])
        store.close()
        try FileManager.default.removeItem(atPath: inTheWay)
        try SQLiteStore(folder: folder.path).close()
        #expect(folder.snapshotFiles().isEmpty)
        #expect(!FileManager.default.fileExists(atPath: folder.snapshots + "/0/1"))
    }

    @Test("the table in which they lay before version 3 goes, and with it nothing that counts")
    func earlierVersion() throws {
        let folder = try DataFolder()
        var older = Schema.current
        older.migrations.removeLast(Schema.current.version - 2)
        let old = try SQLiteStore(folder: folder.path, configuration: SQLiteStoreConfiguration(), schema: older)
        try old.grow("hall", facts: 10)
        old.close()
        try folder.execute("INSERT INTO snapshots VALUES (68719476739, x'00', x'00', x'7b7d')")
        let store = try SQLiteStore(folder: folder.path)
        #expect(try store.load(room: "hall")?.facts.count == 10)
        #expect(try store.verify(room: "hall").findings.isEmpty)
        #expect(try folder.integer("SELECT count(*) FROM sqlite_master WHERE name = 'snapshots'") == 0)
        store.close()
    }
}
