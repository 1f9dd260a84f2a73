/// A SHA-256 value: 32 bytes, held inline.
package struct Hash: Sendable, Hashable {
    package static let byteCount = 32

    /// The parent of a room's first fact.
    package static let zero = Hash(word0: 0, word1: 0, word2: 0, word3: 0)

    // The 32 bytes in memory order; the words mean nothing as numbers.
    private let word0, word1, word2, word3: UInt64

    private init(word0: UInt64, word1: UInt64, word2: UInt64, word3: UInt64) {
        self.word0 = word0
        self.word1 = word1
        self.word2 = word2
        self.word3 = word3
    }

    /// - Returns: nil unless `bytes` holds exactly 32 bytes.
    package init?(_ bytes: UnsafeRawBufferPointer) {
        guard bytes.count == Hash.byteCount else { return nil }
        self.init(
            word0: bytes.loadUnaligned(fromByteOffset: 0, as: UInt64.self),
            word1: bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self),
            word2: bytes.loadUnaligned(fromByteOffset: 16, as: UInt64.self),
            word3: bytes.loadUnaligned(fromByteOffset: 24, as: UInt64.self))
    }

    /// - Returns: nil unless `bytes` holds exactly 32 bytes.
    package init?(_ bytes: [UInt8]) {
        guard let hash = bytes.withUnsafeBytes({ Hash($0) }) else { return nil }
        self = hash
    }

    /// - Returns: nil unless `hex` is 64 hexadecimal digits, upper or lower case.
    package init?(hex: String) {
        guard let bytes = Hex.bytes(hex) else { return nil }
        self.init(bytes)
    }

    package func withUnsafeBytes<R, E: Error>(_ body: (UnsafeRawBufferPointer) throws(E) -> R) throws(E) -> R {
        try Swift.withUnsafeBytes(of: self, body)
    }

    package var bytes: [UInt8] { withUnsafeBytes { Array($0) } }

    /// 64 lower-case hexadecimal digits.
    package var hex: String { Hex.text(bytes) }
}

extension Hash: CustomStringConvertible {
    package var description: String { hex }
}
