import Foundation
import HearthRooms
import HearthValues

/// Time and randomness, read here and handed to the rooms, which have none of their own.
enum WallClock {
    /// Milliseconds since 1970.
    ///
    /// Not by `timespec`: NIO's C module has one as well, and which of the two the compiler finds depends on the order in
    /// which it comes to the files.
    static func nowMs() -> Int64 { Int64(Date().timeIntervalSince1970 * 1_000) }
}

enum Chance {
    static func seed() -> UInt64 {
        var random = SystemRandomNumberGenerator()
        return random.next()
    }

    /// 20 characters of `[a-z0-9]` from the system's secure source.
    static func identifier() -> String { text(20) }

    /// 40 characters of `[a-z0-9]`: over 200 bits.
    static func secret() -> String { text(40) }

    static func trace() -> String { text(12) }

    static func credentials() -> SessionCredentials {
        SessionCredentials(id: identifier(), secret: secret())
    }

    private static func text(_ count: Int) -> String {
        var random = SystemRandomNumberGenerator()
        let alphabet = Array("abcdefghijklmnopqrstuvwxyz0123456789".utf8)
        return String(unsafeUninitializedCapacity: count) { bytes in
            for index in 0..<count { bytes[index] = alphabet[Int(random.next(upperBound: UInt64(alphabet.count)))] }
            return count
        }
    }
}
