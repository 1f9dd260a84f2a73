/// Keys of objects as they were written last: most of what is written is objects with the same few keys.
struct WrittenKeys: ~Copyable {
    private struct Slot {
        /// Held, so that no other text can come to lie where this one does.
        var key: String
        /// A comma, the key in quotes and a colon.
        var text: (UInt64, UInt64, UInt64)
        var length: Int
    }

    /// Each key has one that it can be in.
    private let slots: UnsafeMutablePointer<Slot>

    /// 8: for the keys of a message and of what it stands in.
    private static var slotsMax: Int { 8 }

    /// How many bytes one can be, and how many are copied of each.
    static var lengthMax: Int { 24 }

    init() {
        slots = .allocate(capacity: Self.slotsMax)
        // `,"":`
        let empty = Slot(key: "", text: (UInt64(0x3A22_222C).littleEndian, 0, 0), length: 4)
        slots.initialize(repeating: empty, count: Self.slotsMax)
    }

    deinit {
        slots.deinitialize(count: Self.slotsMax)
        slots.deallocate()
    }

    /// Writes a key that was kept to `place`, where there is room for ``lengthMax`` bytes.
    ///
    /// - Returns: how many bytes of them it is; nil, with nothing written, when it is not there.
    /// - Complexity: O(1).
    @inline(__always)
    func write(_ key: String, to place: UnsafeMutableRawPointer) -> Int? {
        let slot = slots + Self.slot(of: key)
        guard slot.pointee.key.isSameString(as: key) else { return nil }
        place.storeBytes(of: slot.pointee.text.0, as: UInt64.self)
        place.storeBytes(of: slot.pointee.text.1, toByteOffset: 8, as: UInt64.self)
        place.storeBytes(of: slot.pointee.text.2, toByteOffset: 16, as: UInt64.self)
        return slot.pointee.length
    }

    /// Keeps a key as it was written, with a comma before it; one that is too long is left out.
    @inline(never)
    mutating func keep(_ key: String, _ written: UnsafeRawBufferPointer) {
        guard written.count <= Self.lengthMax else { return }
        var text: (UInt64, UInt64, UInt64) = (0, 0, 0)
        withUnsafeMutableBytes(of: &text) { $0.copyMemory(from: written) }
        slots[Self.slot(of: key)] = Slot(
            key: key, text: text, length: written.count)
    }

    /// By the two words that a string is: of a short one they are its bytes.
    @inline(__always)
    private static func slot(of key: String) -> Int {
        let words = unsafeBitCast(key, to: (UInt64, UInt64).self)
        return Int(truncatingIfNeeded: ((words.0 ^ words.1) &* 0x9E37_79B9_7F4A_7C15) >> 61)
    }
}
