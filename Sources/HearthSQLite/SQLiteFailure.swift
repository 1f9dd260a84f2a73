internal import GRDB
internal import GRDBSQLite
internal import HearthStore

#if canImport(Glibc)
    internal import Glibc
#else
    internal import Darwin
#endif

/// What SQLite's and GRDB's errors mean to a caller of the store.
enum SQLiteFailure {
    /// The error that a call on `connection` has just ended with.
    static func last(on connection: OpaquePointer?) -> StoreError {
        let code = sqlite3_extended_errcode(connection)
        let message = String(cString: sqlite3_errmsg(connection))
        return error(code: code, message: message, systemError: sqlite3_system_errno(connection))
    }

    /// - Parameter connection: where it happened, if that is known.
    static func translate(_ error: any Error, on connection: OpaquePointer? = nil) -> StoreError {
        if let error = error as? StoreError { return error }
        guard let error = error as? DatabaseError else { return .unavailable(detail: "\(error)") }
        let systemError = connection.map { sqlite3_system_errno($0) } ?? 0
        return self.error(
            code: error.extendedResultCode.rawValue, message: error.message ?? error.resultCode.description,
            systemError: systemError)
    }

    private static func error(code: Int32, message: String, systemError: Int32) -> StoreError {
        let detail = "\(message), SQLite code \(code)"
        switch code & 0xff {
        case SQLITE_FULL:
            return .full(detail: detail)
        case SQLITE_IOERR where [ENOSPC, EDQUOT, EFBIG].contains(systemError):
            return .full(detail: "\(detail), \(String(cString: strerror(systemError)))")
        case SQLITE_CORRUPT, SQLITE_NOTADB:
            return .corrupt(room: nil, seq: nil, detail: detail)
        case SQLITE_BUSY, SQLITE_LOCKED:
            return .unavailable(detail: "another process holds the database's write lock, SQLite code \(code)")
        default:
            return .unavailable(detail: detail)
        }
    }
}
