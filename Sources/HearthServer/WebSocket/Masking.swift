import NIOCore

extension ByteBuffer {
    /// Appends a client's bytes with their mask taken off.
    ///
    /// - Parameters:
    ///   - key: the frame's mask, its first byte the highest.
    ///   - offset: how many bytes of the frame's payload came before.
    /// - Complexity: O(bytes); eight bytes at a time.
    mutating func writeUnmasked(_ bytes: UnsafeRawBufferPointer, key: UInt32, offset: Int) {
        guard !bytes.isEmpty else { return }
        let turned = key &<< UInt32(offset % 4 * 8) | (offset % 4 == 0 ? 0 : key >> UInt32(32 - offset % 4 * 8))
        let word = UInt64(turned) << 32 | UInt64(turned)
        writeWithUnsafeMutableBytes(minimumWritableBytes: bytes.count) { target in
            var index = 0
            while index + 8 <= bytes.count {
                let eight = bytes.loadUnaligned(fromByteOffset: index, as: UInt64.self)
                target.storeBytes(of: eight ^ word.bigEndian, toByteOffset: index, as: UInt64.self)
                index += 8
            }
            while index < bytes.count {
                target[index] = bytes[index] ^ UInt8(truncatingIfNeeded: word >> UInt64(56 - index % 8 * 8))
                index += 1
            }
            return bytes.count
        }
    }
}
