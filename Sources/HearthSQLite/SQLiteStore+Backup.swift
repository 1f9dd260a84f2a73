internal import GRDB
package import HearthStore

#if canImport(Glibc)
    internal import Glibc
#else
    internal import Darwin
#endif

extension SQLiteStore {
    /// Copies the database as of one moment into a new file, which appears under its name only when it is whole.
    ///
    /// Commits go on meanwhile; the write-ahead log cannot shrink until the copy is done.
    package func backup(to path: String) throws(StoreError) {
        try checkOpen()
        guard access(path, F_OK) != 0 else { throw .unavailable(detail: "there is a file \(path) already") }
        let partial = path + ".partial"
        unlink(partial)
        do {
            let copy = try DatabaseQueue(path: partial)
            try pool.backup(to: copy, pagesPerStep: 1_000)
            try copy.close()
        } catch {
            unlink(partial)
            throw SQLiteFailure.translate(error)
        }
        guard rename(partial, path) == 0 else {
            let reason = String(cString: strerror(errno))
            unlink(partial)
            throw .unavailable(detail: "the copy cannot be named \(path): \(reason)")
        }
    }
}
