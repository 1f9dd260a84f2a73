internal import GRDB
internal import GRDBSQLite

/// What takes a database from one version of the schema to the next.
package struct Migration: Sendable, ExpressibleByStringLiteral {
    /// Statements that change tables; they come first.
    package var statements: String
    /// What is then done to every row of a table; nil for nothing.
    package var rows: RowMigration?

    package init(_ statements: String, rows: RowMigration? = nil) {
        self.statements = statements
        self.rows = rows
    }

    package init(stringLiteral statements: String) { self.init(statements) }
}

/// A statement over a whole table, made for a share of its rows at a time so that it can be told how far it has come.
package struct RowMigration: Sendable {
    package var table: String
    /// The table's integer primary key.
    package var key: String
    /// `?1` stands for the first and `?2` for the last key of a share.
    package var statement: String

    package init(table: String, key: String, statement: String) {
        self.table = table
        self.key = key
        self.statement = statement
    }
}

/// How far a migration has come.
package struct MigrationProgress: Sendable, Hashable {
    /// The version that is being reached.
    package var version: Int
    /// Rows done since this was last told; 0 is only a sign of life.
    package var rows: Int
    /// All rows of this version; nil when it changes tables only.
    package var total: Int?

    package init(version: Int, rows: Int, total: Int?) {
        self.version = version
        self.rows = rows
        self.total = total
    }
}

extension Migration {
    /// Rows of one share.
    package static let share = 2_000

    /// - Parameter tell: called at the start, after every share of rows, and now and then within a long statement.
    func run(on database: Database, reaching version: Int, tell: @escaping (MigrationProgress) -> Void) throws {
        let total = try rows.map { rows in
            try Int.fetchOne(database, sql: "SELECT count(*) FROM \(rows.table)") ?? 0
        }
        let sign = MigrationProgress(version: version, rows: 0, total: total)
        tell(sign)
        let life = SignOfLife { tell(sign) }
        life.begin(on: database.sqliteConnection)
        defer { life.end(on: database.sqliteConnection) }
        try database.execute(sql: statements)
        guard let rows else { return }
        var last = try Int64.fetchOne(database, sql: "SELECT min(\(rows.key)) - 1 FROM \(rows.table)")
        while let before = last, let (end, count) = try rows.share(after: before, in: database) {
            try database.execute(sql: rows.statement, arguments: [before + 1, end])
            tell(MigrationProgress(version: version, rows: count, total: total))
            last = end
        }
    }
}

extension RowMigration {
    /// The last key of the share after `key`, and how many rows it has; nil when there are none.
    fileprivate func share(after key: Int64, in database: Database) throws -> (Int64, Int)? {
        let sql = """
            SELECT max(k), count(*) FROM (SELECT \(self.key) AS k FROM \(table) WHERE \(self.key) > ? ORDER BY 1 LIMIT ?)
            """
        guard let row = try Row.fetchOne(database, sql: sql, arguments: [key, Migration.share]),
            let end = row[0] as Int64?
        else { return nil }
        return (end, row[1])
    }
}

/// Is called now and then while SQLite works on one statement.
private final class SignOfLife {
    private let give: () -> Void
    /// SQLite's own steps between two signs: some hundredths of a second.
    private static let steps: CInt = 1_000_000

    init(_ give: @escaping () -> Void) { self.give = give }

    func begin(on connection: OpaquePointer?) {
        let handler: @convention(c) (UnsafeMutableRawPointer?) -> CInt = { context in
            if let context { Unmanaged<SignOfLife>.fromOpaque(context).takeUnretainedValue().give() }
            return 0
        }
        sqlite3_progress_handler(connection, Self.steps, handler, Unmanaged.passUnretained(self).toOpaque())
    }

    func end(on connection: OpaquePointer?) { sqlite3_progress_handler(connection, 0, nil, nil) }
}
