internal import GRDB
package import HearthStore
internal import Synchronization

#if canImport(Glibc)
    internal import Glibc
#else
    internal import Darwin
#endif

/// Rooms in one SQLite database in a folder of their own; their snapshots in files beside it (`SnapshotFolder`).
///
/// One connection writes, in WAL mode with `synchronous = FULL`: when `commit` returns, the write-ahead log has been
/// fsynced. Others read, each a whole commit as of the moment it began, and are held up by nobody.
///
/// Mutable state: the database (its pool gives the writing connection to one caller at a time) and `isClosing`, which
/// only ever becomes true.
package final class SQLiteStore: RoomStore {
    package static let fileName = "hearth.db"

    let pool: DatabasePool
    private let snapshots: SnapshotFolder
    private let isReadOnly: Bool
    private let removalShare: Int
    private let onTrouble: (@Sendable (String) -> Void)?
    private let lock: Mutex<FolderLock?>
    private let isClosing: CloseFlag
    private let faults: FaultPlan?

    /// Opens the data in `folder`, making it when there is none and `configuration.access` is `server`.
    /// - Throws: `inUse`, `schemaTooNew`, `unavailable`, `full`, or `corrupt` when the file is not a database.
    package convenience init(
        folder: String, configuration: SQLiteStoreConfiguration = SQLiteStoreConfiguration()
    ) throws(StoreError) {
        try self.init(folder: folder, configuration: configuration, schema: .current)
    }

    package init(folder: String, configuration: SQLiteStoreConfiguration, schema: Schema) throws(StoreError) {
        let path = folder + "/" + SQLiteStore.fileName
        var lock: FolderLock?
        if case .server = configuration.access {
            lock = try FolderLock(folder: folder)
        } else if access(path, F_OK) != 0 {
            throw .unavailable(detail: "there is no data in \(folder)")
        }
        isClosing = CloseFlag()
        faults = configuration.faults
        onTrouble = configuration.onTrouble
        removalShare = max(1, configuration.removalShare)
        snapshots = SnapshotFolder(in: folder, configuration)
        if case .readOnly = configuration.access { isReadOnly = true } else { isReadOnly = false }
        do {
            pool = try DatabasePool(path: path, configuration: .store(configuration, isClosing))
            try SQLiteStore.prepare(pool, configuration, schema)
        } catch {
            throw SQLiteFailure.translate(error)
        }
        self.lock = Mutex(lock)
        guard case .server = configuration.access else { return }
        try snapshots.tidy { number throws(StoreError) in
            try read { reader throws(StoreError) in try reader.hasRoom(number) }
        }
        try removeStagedRooms()
    }

    /// Removes what imports have left that were cut short.
    private func removeStagedRooms() throws(StoreError) {
        let staged = try read { reader throws(StoreError) in try reader.stagedRooms() }
        try commit(
            staged.map { room in
                var write = RoomWrite(room: room)
                write.deleteRoom = true
                return write
            })
    }

    private static func prepare(
        _ pool: DatabasePool, _ configuration: SQLiteStoreConfiguration, _ schema: Schema
    ) throws {
        if case .readOnly = configuration.access { return try pool.read { try schema.check($0) } }
        try pool.writeWithoutTransaction { database in
            // Not among the connection's settings: the pool sets it to NORMAL after those.
            try database.execute(sql: "PRAGMA synchronous = FULL")
            guard try Int.fetchOne(database, sql: "PRAGMA synchronous") == 2 else {
                throw StoreError.unavailable(detail: "SQLite does not take synchronous = FULL")
            }
            try database.execute(sql: "PRAGMA wal_autocheckpoint = \(configuration.checkpointPages)")
            try database.execute(sql: "PRAGMA journal_size_limit = 67108864")
            guard case .server = configuration.access else { return try schema.check(database) }
            try schema.migrate(database) { configuration.onMigration?($0) }
        }
    }

    package func commit(_ writes: [RoomWrite]) throws(StoreError) {
        if writes.isEmpty { return }
        try transaction { writer throws(StoreError) in
            var deleted: [Int64] = []
            do throws(StoreError) {
                for write in writes {
                    try RoomReader.naming(write.room) { () throws(StoreError) in
                        guard let number = try writer.apply(write) else { return }
                        deleted.append(number)
                        snapshots.announceRemoval(of: number)
                    }
                }
                try writer.run(try writer.connection.query("COMMIT"))
            } catch {
                for number in deleted { snapshots.withdrawRemoval(of: number) }
                throw error
            }
            for number in deleted { snapshots.removeAll(of: number) }
        }
    }

    package func sweep() throws(StoreError) -> Bool {
        do throws(StoreError) { return try sweepShare() } catch {
            if error != .closed { onTrouble?("what a deleted room has left cannot be removed: \(error.message)") }
            throw error
        }
    }

    private func sweepShare() throws(StoreError) -> Bool {
        var wasThere = false
        try transaction { writer throws(StoreError) in
            // Looked up here, and not by a reader before: another process may have removed it meanwhile, and its number be in use again.
            let number = try RoomReader(connection: writer.connection, snapshots: snapshots).removedRoom()
            var isLast = false
            if let number { isLast = try writer.removeShare(of: number) }
            try writer.run(try writer.connection.query("COMMIT"))
            if let number, isLast { snapshots.removeAll(of: number) }
            wasThere = number != nil
        }
        return wasThere
    }

    /// Runs `body`, which commits; where it fails, nothing has happened.
    private func transaction(_ body: (RoomWriter) throws(StoreError) -> Void) throws(StoreError) {
        try write { connection throws(StoreError) in
            let writer = RoomWriter(connection: connection, faults: faults, removalShare: removalShare)
            // A rollback that failed would leave the last transaction open.
            if connection.isInTransaction { try connection.query("ROLLBACK").run() }
            do throws(StoreError) {
                try writer.run(try connection.query("BEGIN IMMEDIATE"))
                try body(writer)
            } catch {
                // SQLite may have rolled back by itself, on a full disk for one.
                if connection.isInTransaction { try? connection.query("ROLLBACK").run() }
                throw error
            }
        }
    }

    package func keep(_ snapshot: StoredSnapshot, of room: String) throws(StoreError) {
        if isReadOnly { throw .unavailable(detail: "the data was opened to be read only") }
        let number = try read { reader throws(StoreError) in try reader.holder(of: snapshot, in: room) }
        let isKept = try snapshots.keep(snapshot, of: number) { seq, head throws(StoreError) in
            try read { reader throws(StoreError) in try reader.hasFact(seq, head, of: number) }
        }
        if !isKept { throw .missing(room: room) }
    }

    package func snapshot(room: String, at seq: UInt64) throws(StoreError) -> StoredSnapshot? {
        try read { reader throws(StoreError) in try reader.snapshot(room, at: seq) }
    }

    package func load(room: String) throws(StoreError) -> StoredRoom? {
        try read { reader throws(StoreError) in try reader.load(room) }
    }

    package func record(room: String) throws(StoreError) -> RoomRecord? {
        try read { reader throws(StoreError) in try reader.find(room)?.record }
    }

    package func stored(room: String, at seq: UInt64) throws(StoreError) -> (StoredSnapshot?, [Fact])? {
        try read { reader throws(StoreError) in try reader.stored(room, at: seq) }
    }

    package func facts(room: String, after: UInt64, limit: Int) throws(StoreError) -> [Fact] {
        try read { reader throws(StoreError) in try reader.facts(room, after: after, limit: limit) }
    }

    package func snapshotPositions(room: String) throws(StoreError) -> [UInt64] {
        try read { reader throws(StoreError) in try reader.snapshotPositions(room) }
    }

    package func rooms(recipe: String?, after: String?, limit: Int) throws(StoreError) -> [RoomRecord] {
        try read { reader throws(StoreError) in try reader.rooms(recipe: recipe, after: after, limit: limit) }
    }

    package func roomCount() throws(StoreError) -> Int {
        try read { reader throws(StoreError) in try reader.roomCount() }
    }

    package func dueRooms(before time: Int64, limit: Int) throws(StoreError) -> [DueRoom] {
        try read { reader throws(StoreError) in try reader.dueRooms(before: time, limit: limit) }
    }

    package func roomsWithOutgoing(after: String?, limit: Int) throws(StoreError) -> [String] {
        try read { reader throws(StoreError) in try reader.roomsWithOutgoing(after: after, limit: limit) }
    }

    package func check() throws(StoreError) {
        try read { reader throws(StoreError) in
            try reader.connection.query("SELECT count(*) FROM (SELECT 1 FROM rooms LIMIT 1)").run()
        }
    }

    /// Pages in memory and statements that were prepared, of each connection; they come again with the next use.
    package func releaseMemory() { pool.releaseMemoryEventually() }

    /// Waits for the calls that are under way; a commit that waits for another process's lock gives up.
    package func close() {
        isClosing.raise()
        try? pool.close()
        lock.withLock { $0 = nil }
    }

    func checkOpen() throws(StoreError) {
        if isClosing.isRaised { throw .closed }
    }

    private func write<R>(_ body: (Connection) throws(StoreError) -> R) throws(StoreError) -> R {
        try checkOpen()
        let result: Result<R, StoreError> = pool.writeWithoutTransaction { database in
            do throws(StoreError) {
                return .success(try body(Connection(database)))
            } catch {
                return .failure(error)
            }
        }
        return try result.get()
    }

    private func read<R>(_ body: (RoomReader) throws(StoreError) -> R) throws(StoreError) -> R {
        try checkOpen()
        do {
            return try pool.read { database in
                try body(RoomReader(connection: Connection(database), snapshots: snapshots))
            }
        } catch {
            throw SQLiteFailure.translate(error)
        }
    }
}

/// Tells a commit that waits for another process's lock that the store is closing.
final class CloseFlag: Sendable {
    private let raised = Atomic(false)

    func raise() { raised.store(true, ordering: .releasing) }

    var isRaised: Bool { raised.load(ordering: .acquiring) }
}

extension Configuration {
    fileprivate static func store(_ configuration: SQLiteStoreConfiguration, _ isClosing: CloseFlag) -> Configuration {
        // How long a waiting commit sleeps before it looks at the lock again.
        let pauseMilliseconds = 10
        let triesMax = configuration.busySeconds * 1_000 / pauseMilliseconds
        var result = Configuration()
        result.label = "hearth.store"
        result.foreignKeysEnabled = false
        result.maximumReaderCount = configuration.readersMax
        // They stay when memory is released.
        result.persistentReadOnlyConnections = true
        // Transactions are begun and ended by statements of our own; one that could not be rolled back must not trap.
        result.allowsUnsafeTransactions = true
        result.busyMode = .callback { tries in
            if isClosing.isRaised || tries >= triesMax { return false }
            usleep(UInt32(pauseMilliseconds * 1_000))
            return true
        }
        if case .readOnly = configuration.access { result.readonly = true }
        return result
    }
}
