internal import HearthStore

#if canImport(Glibc)
    internal import Glibc
#else
    internal import Darwin
#endif

/// What an error number of the system means to a caller of the store.
enum SystemFailure {
    /// - Parameter what: what could not be done, as the beginning of a sentence.
    static func last(_ what: String) -> StoreError {
        let reason = errno
        let detail = "\(what): \(String(cString: strerror(reason)))"
        return [ENOSPC, EDQUOT, EFBIG].contains(reason) ? .full(detail: detail) : .unavailable(detail: detail)
    }
}
