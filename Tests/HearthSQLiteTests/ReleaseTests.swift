import GRDB
import GRDBSQLite
import HearthStore
import HearthStoreLaws
import Testing

@testable import HearthSQLite

@Suite struct `A store that rests` {
    /// Bytes of pages that the writing connection has in memory.
    private func cached(_ store: SQLiteStore) -> Int32 {
        store.pool.writeWithoutTransaction { database in
            var (now, highest): (Int32, Int32) = (0, 0)
            sqlite3_db_status(database.sqliteConnection, SQLITE_DBSTATUS_CACHE_USED, &now, &highest, 0)
            return now
        }
    }

    @Test func `lets go of the pages that a crowd has brought into memory, and goes on as before`() throws {
        let folder = try DataFolder()
        let store = try SQLiteStore(folder: folder.path)
        defer { store.close() }
        let content = "{\"text\":\"\(String(repeating: "x", count: 20_000))\"}"
        try store.commit([
            .creating("hall"), .appending(Array(repeating: content, count: 40), to: "hall", after: .start),
        ])
        #expect(cached(store) > 300_000)
        store.releaseMemory()
        #expect(cached(store) < 50_000)
        try store.grow("hall", facts: 3, create: false)
        #expect(try store.load(room: "hall")?.facts.count == 43)
    }

    @Test func `need not be open any more`() throws {
        let folder = try DataFolder()
        let store = try SQLiteStore(folder: folder.path)
        store.close()
        store.releaseMemory()
    }
}
