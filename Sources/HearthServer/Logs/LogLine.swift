import Foundation
import Logging

/// One line to standard error, whole: a single `write`, so that lines of several threads do not mix.
enum LogLine {
    static let isTerminal = isatty(STDERR_FILENO) == 1

    static func write(_ line: [UInt8]) {
        _ = line.withUnsafeBytes { bytes in
            Foundation.write(STDERR_FILENO, bytes.baseAddress, bytes.count)
        }
    }

    /// RFC 3339 in UTC, to the millisecond.
    static func time() -> String {
        let now = WallClock.nowMs()
        var seconds = time_t(now / 1_000)
        var parts = tm()
        gmtime_r(&seconds, &parts)
        func two(_ number: Int32) -> String { number < 10 ? "0\(number)" : "\(number)" }
        let ms = now % 1_000
        let fraction = ms < 10 ? "00\(ms)" : ms < 100 ? "0\(ms)" : "\(ms)"
        return "\(parts.tm_year + 1900)-\(two(parts.tm_mon + 1))-\(two(parts.tm_mday))T"
            + "\(two(parts.tm_hour)):\(two(parts.tm_min)):\(two(parts.tm_sec)).\(fraction)Z"
    }

    /// Fields in a fixed order, those that say where it happened first.
    static func fields(_ metadata: Logger.Metadata...) -> [(String, String)] {
        var all: [String: String] = [:]
        for part in metadata { for (name, value) in part { all[name] = "\(value)" } }
        let first = ["room", "session", "trace", "remote", "code", "cause"]
        let rest = all.keys.filter { !first.contains($0) }.sorted()
        return (first + rest).compactMap { name in all[name].map { (name, $0) } }
    }
}
