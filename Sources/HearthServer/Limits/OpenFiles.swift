import Foundation

/// How many files the process may open; a connection is one.
package enum OpenFiles {
    /// What stays for the store, the recipes and the requests of whoever looks after the server.
    static let reserve = 256

    /// - Complexity: O(1), a system call.
    package static var max: Int {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return 1_024 }
        return Int(min(limit.rlim_cur, 1 << 30))
    }

    /// Lets the process open as many as the system allows it: shells give a program 1024 unless it asks.
    package static func raise() {
        let files = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
        var limit = rlimit()
        guard getrlimit(files, &limit) == 0, limit.rlim_cur < limit.rlim_max else { return }
        limit.rlim_cur = limit.rlim_max
        _ = setrlimit(files, &limit)
    }
}
