import Synchronization

#if canImport(Glibc)
    internal import Glibc
#else
    internal import Darwin
#endif

/// The server's certificate and key, read again when their files change. Connections that are open keep what they were
/// made with. Safe from every thread.
package final class TLSCertificates: Sendable {
    private struct State {
        var context: TLSContext
        var stamps: [[Int64]]
        /// When the context was made, in seconds of a clock that only goes forward.
        var madeAt: Int
    }

    private let certificate: String
    private let key: String
    private let state: Mutex<State>

    /// Seconds that a context lives, and with it the key of the tickets with which clients come back: whoever learns it
    /// later can read no older connections.
    package static let ticketKeySeconds = 12 * 3_600

    /// - Throws: `TLSError` when the pair cannot be used, or the certificate has run out.
    package init(certificate: String, key: String) throws(TLSError) {
        self.certificate = certificate
        self.key = key
        let stamps = [certificate, key].map(Self.stamp)
        let context = try Self.context(certificate, key)
        state = Mutex(State(context: context, stamps: stamps, madeAt: Self.now()))
    }

    var context: TLSContext { state.withLock { $0.context } }

    package enum Refreshed: Sendable, Hashable {
        case unchanged
        case changed(validUntil: String)
        /// The files cannot be used; the old pair stays. Said once for each state of the files.
        case failed(TLSError)
    }

    /// Looks whether the files have changed, and reads them again; blocks for as long as the disk takes.
    ///
    /// - Parameter isAsked: whether to read them in any case.
    package func refresh(isAsked: Bool = false) -> Refreshed {
        let stamps = [certificate, key].map(Self.stamp)
        let (hasChanged, isOld) = state.withLock {
            ($0.stamps != stamps, Self.now() - $0.madeAt >= Self.ticketKeySeconds)
        }
        guard hasChanged || isOld || isAsked else { return .unchanged }
        do throws(TLSError) {
            let context = try Self.context(certificate, key)
            state.withLock { $0 = State(context: context, stamps: stamps, madeAt: Self.now()) }
            return hasChanged || isAsked ? .changed(validUntil: context.validUntil) : .unchanged
        } catch {
            state.withLock { $0.stamps = stamps }
            return hasChanged || isAsked ? .failed(error) : .unchanged
        }
    }

    private static func context(_ certificate: String, _ key: String) throws(TLSError) -> TLSContext {
        let context = try TLSContext(certificate: certificate, key: key)
        guard !context.isExpired else {
            throw TLSError("\(certificate): the certificate ran out at \(context.validUntil)")
        }
        return context
    }

    /// What tells one state of a file from another, also behind a link.
    private static func stamp(_ path: String) -> [Int64] {
        var status = stat()
        guard stat(path, &status) == 0 else { return [] }
        #if canImport(Glibc)
            let (modified, changed) = (status.st_mtim, status.st_ctim)
        #else
            let (modified, changed) = (status.st_mtimespec, status.st_ctimespec)
        #endif
        return [
            Int64(truncatingIfNeeded: status.st_dev), Int64(truncatingIfNeeded: status.st_ino), Int64(status.st_size),
            Int64(modified.tv_sec), Int64(modified.tv_nsec), Int64(changed.tv_sec), Int64(changed.tv_nsec),
        ]
    }

    private static func now() -> Int {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return time.tv_sec
    }
}
