internal import GRDB
internal import GRDBSQLite
internal import HearthStore

/// One SQLite connection, while its queue lends it to us.
struct Connection {
    let database: Database

    init(_ database: Database) {
        self.database = database
    }

    /// A statement that is prepared once per connection.
    func query(_ sql: String) throws(StoreError) -> Query {
        do {
            return Query(try database.cachedStatement(sql: sql), on: database.sqliteConnection)
        } catch {
            throw SQLiteFailure.translate(error, on: database.sqliteConnection)
        }
    }

    var isInTransaction: Bool { sqlite3_get_autocommit(database.sqliteConnection) == 0 }
    /// By the last statement.
    var changedRows: Int { Int(sqlite3_changes(database.sqliteConnection)) }
    var lastInsertedNumber: Int64 { sqlite3_last_insert_rowid(database.sqliteConnection) }
}

/// A prepared statement being bound and stepped.
///
/// GRDB prepares and keeps it. Binding and stepping go to SQLite directly: a commit makes a handful of small
/// statements, and boxing each argument would cost more than SQLite does. Indices of parameters count from 1, of columns from 0.
struct Query {
    private let statement: Statement
    private let connection: OpaquePointer?
    private var handle: OpaquePointer { statement.sqliteStatement }

    fileprivate init(_ statement: Statement, on connection: OpaquePointer?) {
        self.statement = statement
        self.connection = connection
        // A read that was cut short by an error may have left it in the middle.
        sqlite3_reset(statement.sqliteStatement)
        sqlite3_clear_bindings(statement.sqliteStatement)
    }

    /// Runs a statement that yields no rows.
    func run() throws(StoreError) {
        let code = sqlite3_step(handle)
        let failure = code == SQLITE_DONE || code == SQLITE_ROW ? nil : SQLiteFailure.last(on: connection)
        sqlite3_reset(handle)
        if let failure { throw failure }
    }

    /// Goes to the next row; at the end the statement is ready for another round.
    func next() throws(StoreError) -> Bool {
        switch sqlite3_step(handle) {
        case SQLITE_ROW:
            return true
        case SQLITE_DONE:
            sqlite3_reset(handle)
            return false
        default:
            let failure = SQLiteFailure.last(on: connection)
            sqlite3_reset(handle)
            throw failure
        }
    }

    /// Ends a statement of which no further rows are wanted.
    func finish() {
        sqlite3_reset(handle)
    }
}

extension Query {
    // SQLite copies what it is given.
    private static var copied: sqlite3_destructor_type { unsafeBitCast(-1, to: sqlite3_destructor_type.self) }

    @discardableResult
    func bind(_ index: Int32, _ value: Int64) -> Query {
        sqlite3_bind_int64(handle, index, value)
        return self
    }

    @discardableResult
    func bind(_ index: Int32, _ value: Int64?) -> Query {
        guard let value else { return self }
        return bind(index, value)
    }

    @discardableResult
    func bind(_ index: Int32, _ value: String) -> Query {
        var text = value
        _ = text.withUTF8 { bytes in
            // The empty string has no address, and no address would mean NULL.
            bytes.withMemoryRebound(to: CChar.self) { characters in
                guard let start = characters.baseAddress, !characters.isEmpty else {
                    return sqlite3_bind_text(handle, index, "", 0, Query.copied)
                }
                return sqlite3_bind_text(handle, index, start, Int32(clamping: characters.count), Query.copied)
            }
        }
        return self
    }

    @discardableResult
    func bind(_ index: Int32, _ value: String?) -> Query {
        guard let value else { return self }
        return bind(index, value)
    }

    @discardableResult
    func bind(_ index: Int32, _ value: [UInt8]) -> Query {
        value.withUnsafeBytes { bind(index, $0) }
        return self
    }

    @discardableResult
    func bind(_ index: Int32, _ value: Hash) -> Query {
        value.withUnsafeBytes { bind(index, $0) }
        return self
    }

    private func bind(_ index: Int32, _ bytes: UnsafeRawBufferPointer) {
        if bytes.isEmpty {
            sqlite3_bind_zeroblob(handle, index, 0)
        } else {
            sqlite3_bind_blob64(handle, index, bytes.baseAddress, sqlite3_uint64(bytes.count), Query.copied)
        }
    }
}

extension Query {
    func isNull(_ column: Int32) -> Bool {
        sqlite3_column_type(handle, column) == SQLITE_NULL
    }

    func integer(_ column: Int32) -> Int64 {
        sqlite3_column_int64(handle, column)
    }

    func optionalInteger(_ column: Int32) -> Int64? {
        isNull(column) ? nil : integer(column)
    }

    /// - Throws: `corrupt` when the number is negative.
    func sequence(_ column: Int32) throws(StoreError) -> UInt64 {
        guard let value = UInt64(exactly: integer(column)) else {
            throw .corrupt(room: nil, seq: nil, detail: "a sequence number is negative")
        }
        return value
    }

    func bytes(_ column: Int32) -> [UInt8] {
        // The address first: asking for it may change the type, and with it the count.
        let start = sqlite3_column_blob(handle, column)
        let count = Int(sqlite3_column_bytes(handle, column))
        return Array(UnsafeRawBufferPointer(start: start, count: start == nil ? 0 : count))
    }

    func text(_ column: Int32) -> String {
        String(decoding: bytes(column), as: UTF8.self)
    }

    func optionalText(_ column: Int32) -> String? {
        isNull(column) ? nil : text(column)
    }

    /// - Throws: `corrupt` when the column does not hold 32 bytes.
    func hash(_ column: Int32) throws(StoreError) -> Hash {
        let start = sqlite3_column_blob(handle, column)
        let count = Int(sqlite3_column_bytes(handle, column))
        guard let hash = Hash(UnsafeRawBufferPointer(start: start, count: start == nil ? 0 : count)) else {
            throw .corrupt(room: nil, seq: nil, detail: "a hash has \(count) bytes instead of \(Hash.byteCount)")
        }
        return hash
    }
}
