internal import GRDB
internal import HearthStore

/// The tables, version by version.
///
/// A room has a number, so that the other tables need not repeat its name. Facts have one key made of the
/// room's number and the seq (`LogKey`): they lie in one B-tree, in order, with their bytes in the leaves, and
/// appending one is a single descent. What is small and looked up by name lies in its primary key (WITHOUT ROWID).
package struct Schema: Sendable {
    /// Migration `n` takes a database from version `n` to `n + 1`. Released ones are never changed.
    package var migrations: [Migration]

    package static let current = Schema(migrations: [
        """
        CREATE TABLE rooms (
            number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, recipe TEXT NOT NULL,
            recipe_version INTEGER NOT NULL, epoch TEXT NOT NULL, seq INTEGER NOT NULL, head BLOB NOT NULL,
            created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL);
        CREATE INDEX rooms_by_recipe ON rooms (recipe, id);
        CREATE TABLE facts (
            key INTEGER PRIMARY KEY, parent BLOB NOT NULL, id BLOB NOT NULL, content BLOB NOT NULL);
        CREATE TABLE snapshots (
            key INTEGER PRIMARY KEY, head BLOB NOT NULL, checksum BLOB NOT NULL, state BLOB NOT NULL);
        CREATE TABLE sessions (
            room INTEGER NOT NULL, id TEXT NOT NULL, secret_hash BLOB NOT NULL, user TEXT, name TEXT,
            roles TEXT NOT NULL, last_event INTEGER NOT NULL, created_at INTEGER NOT NULL, disconnected_at INTEGER,
            extra BLOB NOT NULL, PRIMARY KEY (room, id)) WITHOUT ROWID;
        CREATE TABLE marks (
            room INTEGER NOT NULL, session TEXT NOT NULL, event INTEGER NOT NULL, answer BLOB NOT NULL,
            PRIMARY KEY (room, session, event)) WITHOUT ROWID;
        CREATE TABLE timers (
            room INTEGER NOT NULL, id TEXT NOT NULL, due_at INTEGER NOT NULL, handler TEXT NOT NULL,
            data BLOB NOT NULL, kind TEXT NOT NULL, PRIMARY KEY (room, id)) WITHOUT ROWID;
        CREATE INDEX timers_by_time ON timers (due_at, room);
        CREATE TABLE outgoing (
            room INTEGER NOT NULL, id TEXT NOT NULL, place INTEGER NOT NULL, to_room TEXT NOT NULL,
            event TEXT NOT NULL, data BLOB NOT NULL, PRIMARY KEY (room, id)) WITHOUT ROWID;
        CREATE INDEX outgoing_by_place ON outgoing (room, place);
        CREATE TABLE received (
            room INTEGER NOT NULL, place INTEGER NOT NULL, id TEXT NOT NULL,
            PRIMARY KEY (room, place)) WITHOUT ROWID;
        CREATE UNIQUE INDEX received_by_id ON received (room, id);
        """,
        // Deliveries of earlier versions count as settled: those versions kept the latest ones only.
        "ALTER TABLE received ADD COLUMN settled INTEGER NOT NULL DEFAULT 1",
        // They lie in a folder since (`SnapshotFolder`). Those that are there are not taken along: nothing rests on them, and
        // rooms that need them make their own anew.
        "DROP TABLE snapshots",
    ])

    package var version: Int { migrations.count }

    /// Brings a database to this version, step by step, all in one transaction.
    ///
    /// - Parameter tell: is told how far it has come; never for a database that is new.
    /// - Throws: `schemaTooNew` when it is beyond this version already.
    func migrate(_ database: Database, tell: @escaping (MigrationProgress) -> Void = { _ in }) throws {
        let found = try Schema.version(of: database)
        if found > version { throw StoreError.schemaTooNew(found: found, known: version) }
        if found == version { return }
        try database.inTransaction(.immediate) {
            // Again, now that nobody else can be migrating it.
            for next in try Schema.version(of: database)..<version {
                try migrations[next].run(on: database, reaching: next + 1, tell: found == 0 ? { _ in } : tell)
            }
            try database.execute(sql: "PRAGMA user_version = \(version)")
            return .commit
        }
    }

    /// - Throws: unless the database has exactly this version.
    func check(_ database: Database) throws {
        let found = try Schema.version(of: database)
        if found > version { throw StoreError.schemaTooNew(found: found, known: version) }
        if found < version {
            let detail = "the data has schema version \(found) and not \(version); start the server once to migrate it"
            throw StoreError.unavailable(detail: detail)
        }
    }

    private static func version(of database: Database) throws -> Int {
        try Int.fetchOne(database, sql: "PRAGMA user_version") ?? 0
    }
}

/// The key of a fact: the room's number in the upper 27 bits, the seq in the lower 36.
enum LogKey {
    static let seqBits: Int64 = 36
    static let roomNumberMax: Int64 = (1 << 27) - 1

    /// - Precondition: `seq` is at most `StoreLimits.seqMax`; larger ones count as that.
    static func key(_ room: Int64, _ seq: UInt64) -> Int64 {
        room << seqBits | Int64(min(seq, StoreLimits.seqMax))
    }

    static func seq(of key: Int64) -> UInt64 {
        UInt64(truncatingIfNeeded: key) & StoreLimits.seqMax
    }
}
