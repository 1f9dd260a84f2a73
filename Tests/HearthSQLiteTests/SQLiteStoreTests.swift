import Foundation
import HearthSQLite
import HearthStore
import HearthStoreLaws
import Synchronization
import Testing

@Suite("The SQLite store")
struct SQLiteStoreTests {
    @Test(arguments: StoreLaw.all)
    func keeps(_ law: StoreLaw) throws {
        try law.check(SQLiteFixture())
    }

    @Test("two servers cannot open one folder; the second may when the first has closed")
    func exclusive() throws {
        let folder = try DataFolder()
        let first = try SQLiteStore(folder: folder.path)
        #expect(throws: StoreError.inUse(path: folder.path)) { try SQLiteStore(folder: folder.path) }
        first.close()
        try SQLiteStore(folder: folder.path).close()
    }

    @Test("tools read and write beside a server, and do not make data where there is none")
    func besideServer() throws {
        let folder = try DataFolder()
        let readOnly = SQLiteStoreConfiguration(access: .readOnly)
        #expect(throws: StoreError.self) { try SQLiteStore(folder: folder.path, configuration: readOnly) }
        let server = try SQLiteStore(folder: folder.path)
        try server.grow("hall", facts: 3)
        let reader = try SQLiteStore(folder: folder.path, configuration: readOnly)
        #expect(try reader.load(room: "hall") == server.load(room: "hall"))
        #expect(throws: StoreError.self) { try reader.commit([.creating("yard")]) }
        let tool = try SQLiteStore(folder: folder.path, configuration: SQLiteStoreConfiguration(access: .alongside))
        try tool.grow("yard", facts: 2)
        try server.grow("yard", facts: 2, create: false)
        #expect(try reader.record(room: "yard")?.seq == 4)
        for store in [reader, tool, server] { store.close() }
    }

    @Test("data of a later version is refused, with both versions named")
    func schemaTooNew() throws {
        let folder = try DataFolder()
        try SQLiteStore(folder: folder.path).close()
        try folder.execute("PRAGMA user_version = 99")
        #expect(throws: StoreError.schemaTooNew(found: 99, known: Schema.current.version)) {
            try SQLiteStore(folder: folder.path)
        }
        #expect(StoreError.schemaTooNew(found: 99, known: Schema.current.version).message.contains("99"))
    }

    @Test("data of an earlier version is migrated on start, and keeps what it holds")
    func migratesForward() throws {
        let folder = try DataFolder()
        let store = try SQLiteStore(folder: folder.path)
        try store.grow("hall", facts: 3)
        store.close()
        var next = Schema.current
        next.migrations.append("ALTER TABLE rooms ADD COLUMN colour TEXT")
        let configuration = SQLiteStoreConfiguration()
        let migrated = try SQLiteStore(folder: folder.path, configuration: configuration, schema: next)
        #expect(try migrated.load(room: "hall")?.facts.count == 3)
        migrated.close()
        #expect(try folder.integer("PRAGMA user_version") == Schema.current.version + 1)
        #expect(throws: StoreError.schemaTooNew(found: Schema.current.version + 1, known: Schema.current.version)) {
            try SQLiteStore(folder: folder.path)
        }
    }

    @Test("a migration tells how far it has come, and a new database has none")
    func migrationProgress() throws {
        let folder = try DataFolder()
        let told = Mutex<[MigrationProgress]>([])
        let configuration = SQLiteStoreConfiguration(onMigration: { progress in told.withLock { $0.append(progress) } })
        let store = try SQLiteStore(folder: folder.path, configuration: configuration)
        try store.grow("hall", facts: Migration.share + 500)
        try store.grow("yard", facts: 700)
        store.close()
        #expect(told.withLock { $0 }.isEmpty)
        var next = Schema.current
        next.migrations += [
            Migration(
                "ALTER TABLE facts ADD COLUMN size INTEGER",
                rows: RowMigration(
                    table: "facts", key: "key",
                    statement: "UPDATE facts SET size = length(content) WHERE key BETWEEN ?1 AND ?2")),
            "ALTER TABLE rooms ADD COLUMN colour TEXT",
        ]
        try SQLiteStore(folder: folder.path, configuration: configuration, schema: next).close()
        let total = Migration.share + 1_200
        #expect(
            told.withLock { $0 } == [
                MigrationProgress(version: Schema.current.version + 1, rows: 0, total: total),
                MigrationProgress(version: Schema.current.version + 1, rows: Migration.share, total: total),
                MigrationProgress(version: Schema.current.version + 1, rows: 1_200, total: total),
                MigrationProgress(version: Schema.current.version + 2, rows: 0, total: nil),
            ])
        #expect(try folder.integer("SELECT count(*) FROM facts WHERE size = length(content)") == total)
    }

    @Test("a migration that fails changes nothing")
    func failedMigration() throws {
        let folder = try DataFolder()
        try SQLiteStore(folder: folder.path).close()
        var next = Schema.current
        next.migrations += ["ALTER TABLE rooms ADD COLUMN colour TEXT", "ALTER TABLE nowhere ADD COLUMN x TEXT"]
        let configuration = SQLiteStoreConfiguration()
        #expect(throws: StoreError.self) {
            try SQLiteStore(folder: folder.path, configuration: configuration, schema: next)
        }
        #expect(try folder.integer("PRAGMA user_version") == Schema.current.version)
        try SQLiteStore(folder: folder.path).close()
    }

    @Test("a server that was killed gives up the folder")
    func lockOfKilledProcess() throws {
        let folder = try DataFolder()
        let other = try OtherProcess(lockingFolder: folder.path)
        #expect(throws: StoreError.inUse(path: folder.path)) { try SQLiteStore(folder: folder.path) }
        other.end()
        try SQLiteStore(folder: folder.path).close()
    }

    @Test("a file that is not a database is damage, not an empty store")
    func notADatabase() throws {
        let folder = try DataFolder()
        try Data(repeating: 7, count: 8_192).write(to: URL(fileURLWithPath: folder.database))
        let error = #expect(throws: StoreError.self) { try SQLiteStore(folder: folder.path) }
        guard case .corrupt? = error else {
            Issue.record("\(String(describing: error))")
            return
        }
    }

    @Test("a commit waits for another process's lock, and reads go on meanwhile")
    func waitsForLock() throws {
        let folder = try DataFolder()
        let store = try SQLiteStore(folder: folder.path)
        try store.grow("hall", facts: 3)
        let other = try OtherProcess(holding: folder.database, forSeconds: 2)
        let start = ContinuousClock.now
        let writer = GroupWriter(store: store)
        let outcome = Outcome()
        writer.submit(.creating("yard")) { outcome.take($0) }
        #expect(try store.load(room: "hall")?.facts.count == 3)
        #expect(ContinuousClock.now - start < .seconds(1), "a read waited for the lock")
        writer.flush()
        #expect(outcome.isSuccess && ContinuousClock.now - start > .seconds(1))
        other.end()
        store.close()
    }

    @Test("a commit that waits too long fails as unavailable, and a later one succeeds")
    func givesUpOnLock() throws {
        let folder = try DataFolder()
        let store = try SQLiteStore(folder: folder.path, configuration: SQLiteStoreConfiguration(busySeconds: 1))
        let other = try OtherProcess(holding: folder.database, forSeconds: 60)
        let error = #expect(throws: StoreError.self) { try store.commit([.creating("yard")]) }
        #expect(error?.isRetryable == true)
        other.end()
        try store.commit([.creating("yard")])
        store.close()
    }

    @Test("a backup is a whole store as of one moment, while writes go on")
    func backup() throws {
        let folder = try DataFolder()
        let store = try SQLiteStore(folder: folder.path)
        try store.grow("hall", facts: 3_000)
        let target = try DataFolder()
        try store.backup(to: target.database)
        try store.grow("hall", facts: 10, create: false)
        #expect(throws: StoreError.self) { try store.backup(to: target.database) }
        let copy = try SQLiteStore(folder: target.path)
        #expect(try copy.verify(room: "hall").findings.isEmpty)
        #expect(try copy.record(room: "hall")?.seq == 3_000)
        copy.close()
        store.close()
    }

    @Test("what an import left unfinished is gone when a server opens the data again")
    func unfinishedImport() throws {
        let folder = try DataFolder()
        let store = try SQLiteStore(folder: folder.path)
        try store.commit([.creating(StagedRoom.id(for: "half"))])
        store.close()
        let again = try SQLiteStore(folder: folder.path)
        #expect(try again.record(room: StagedRoom.id(for: "half")) == nil)
        again.close()
    }

    @Test("what a deleted room leaves is gone when it has been swept, and its number is used again only then")
    func swept() throws {
        let folder = try DataFolder()
        let configuration = SQLiteStoreConfiguration(removalShare: 100)
        let store = try SQLiteStore(folder: folder.path, configuration: configuration)
        try store.put(StoreLaw.everything("hall"))
        let position = try store.grow("hall", facts: 1_048, create: false)
        var write = RoomWrite(room: "hall")
        write.marks = (2..<202).map { Mark(session: "s1", event: $0, answer: [1]) }
        try store.commit([write])
        try store.keep(StoredSnapshot(seq: 1_050, state: [1], head: position.head), of: "hall")
        var deletion = RoomWrite(room: "hall")
        deletion.deleteRoom = true
        try store.commit([deletion])
        #expect(folder.snapshotFiles().isEmpty)
        try store.grow("hall", facts: 1)
        #expect(try folder.integer("SELECT number FROM rooms WHERE id = 'hall'") == 2)
        #expect(try store.sweep())
        #expect(try folder.integer("SELECT count(*) FROM marks") == 101)
        store.close()
        // The next server goes on with it.
        let again = try SQLiteStore(folder: folder.path, configuration: configuration)
        var sweeps = 0
        while try again.sweep() { sweeps += 1 }
        // Of 1,255 rows 100 were gone; what one share ends with is begun again by none.
        #expect(sweeps == 12)
        #expect(try folder.integer("SELECT count(*) FROM facts") == 1)
        #expect(try folder.integer("SELECT count(*) FROM rooms") == 1)
        for table in ["marks", "sessions", "timers", "outgoing", "received"] {
            #expect(try folder.integer("SELECT count(*) FROM \(table)") == 0, "\(table)")
        }
        again.close()
    }
}
