internal import HearthStore

#if canImport(Glibc)
    internal import Glibc
#else
    internal import Darwin
#endif

/// The lock that keeps a second server away from a data folder. The system gives it up when the process ends, however
/// it ends.
final class FolderLock: Sendable {
    private let descriptor: Int32

    /// Takes the lock, making the folder (not its parents) when it is not there.
    /// - Throws: `inUse` when another process, or another store of this one, holds it; `unavailable` when the folder or
    ///   the file cannot be made.
    init(folder: String) throws(StoreError) {
        if mkdir(folder, 0o750) != 0 && errno != EEXIST {
            throw SystemFailure.last("the folder \(folder) cannot be made")
        }
        descriptor = open(folder + "/hearth.lock", O_RDWR | O_CREAT | O_CLOEXEC, 0o640)
        guard descriptor >= 0 else { throw SystemFailure.last("the folder \(folder) cannot be written to") }
        guard flock(descriptor, LOCK_EX | LOCK_NB) != 0 else { return }
        let reason = errno
        close(descriptor)
        if reason == EWOULDBLOCK { throw .inUse(path: folder) }
        errno = reason
        throw SystemFailure.last("the folder \(folder) cannot be locked")
    }

    deinit { close(descriptor) }
}
