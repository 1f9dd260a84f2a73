internal import GRDB

#if canImport(Glibc)
    internal import Glibc
#else
    internal import Darwin
#endif

/// Room for the write-ahead log.
///
/// SQLite writes its log from the start again after each checkpoint, so a log that has once reached its full size does not
/// grow any more. Until then each commit makes the file longer, and its fsync has to write down the new length too, which
/// takes about twice as long. So the file gets its full size when a server starts.
enum WriteAheadLog {
    /// The log takes no more than this part of what is free on the disk.
    private static let shareOfFreeSpace: UInt64 = 64

    /// Lengthens the log to what it needs between two checkpoints, with zeros, which SQLite takes for the end of the log.
    /// Best effort: where it fails, the log grows as it is used.
    ///
    /// - Parameter database: a connection; nobody else may append to the log meanwhile, so this takes the write lock.
    static func makeRoom(for database: Database, folder: String, pages: Int) throws {
        try database.inTransaction(.immediate) {
            let size = 32 + pages * (4_096 + 24)
            var space = statvfs()
            guard statvfs(folder, &space) == 0,
                UInt64(size) < UInt64(space.f_bavail) * UInt64(space.f_frsize) / shareOfFreeSpace
            else { return .rollback }
            let file = open("\(folder)/\(SQLiteStore.fileName)-wal", O_WRONLY | O_CLOEXEC)
            guard file >= 0 else { return .rollback }
            defer { close(file) }
            lengthen(file, to: size)
            fsync(file)
            return .rollback
        }
    }

    private static func lengthen(_ file: CInt, to size: Int) {
        let zeros = [UInt8](repeating: 0, count: 1 << 20)
        var end = Int(lseek(file, 0, SEEK_END))
        while end >= 0, end < size {
            let written = zeros.withUnsafeBytes { pwrite(file, $0.baseAddress, min($0.count, size - end), off_t(end)) }
            guard written > 0 else { return }
            end += written
        }
    }
}
