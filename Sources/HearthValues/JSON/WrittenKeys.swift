/// Keys of objects as they were written: most of what is written is objects of few fields that come in the same order.
struct WrittenKeys: ~Copyable {
    private struct Slot {
        /// Held, so that no other text can come to lie where this one does.
        var key: String
        /// A comma, the key in quotes and a colon.
        var text: (UInt64, UInt64, UInt64)
        var length: Int
        /// How many other keys came since this one.
        var misses: Int
    }

    private let slots: UnsafeMutablePointer<Slot>

    /// 8, a power of two: objects of more fields are maps, whose keys do not come again.
    static var slotsMax: Int { 8 }

    /// Bytes of a key, at most, without what stands around it.
    static var keyBytesMax: Int { String.bytesInPlaceMax }

    /// How many bytes are copied of each, comma, quotes and colon included. With something to escape a key can be longer; such a
    /// one is not kept.
    static var lengthMax: Int { 24 }

    init() {
        slots = .allocate(capacity: Self.slotsMax)
        // `,"":`
        let empty = Slot(key: "", text: (UInt64(0x3A22_222C).littleEndian, 0, 0), length: 4, misses: 0)
        slots.initialize(repeating: empty, count: Self.slotsMax)
    }

    deinit {
        slots.deinitialize(count: Self.slotsMax)
        slots.deallocate()
    }

    /// The slot for a field: those of objects of another size are others as a rule.
    @inline(__always)
    static func slot(of place: Int, among fields: Int) -> Int { (place + 3 * fields) & (slotsMax - 1) }

    /// Writes a key that is kept to `place`, where there is room for ``lengthMax`` bytes.
    ///
    /// - Returns: how many bytes of them it is; nil, with nothing written, when it is not there.
    /// - Complexity: O(1).
    @inline(__always)
    mutating func write(_ key: String, of slot: Int, to place: UnsafeMutableRawPointer) -> Int? {
        let slot = slots + slot
        guard slot.pointee.key.isSameString(as: key) else { return nil }
        place.storeBytes(of: slot.pointee.text.0, as: UInt64.self)
        place.storeBytes(of: slot.pointee.text.1, toByteOffset: 8, as: UInt64.self)
        place.storeBytes(of: slot.pointee.text.2, toByteOffset: 16, as: UInt64.self)
        slot.pointee.misses = 0
        return slot.pointee.length
    }

    /// Keeps a key that was not there, when it is the second in a row: of keys that take turns one stays.
    ///
    /// - Precondition: `written` begins with a comma.
    mutating func keep(_ key: String, of slot: Int, _ written: UnsafeRawBufferPointer) {
        let slot = slots + slot
        slot.pointee.misses += 1
        guard slot.pointee.misses > 1, written.count <= Self.lengthMax else { return }
        var text: (UInt64, UInt64, UInt64) = (0, 0, 0)
        withUnsafeMutableBytes(of: &text) { $0.copyMemory(from: written) }
        slot.pointee = Slot(key: key, text: text, length: written.count, misses: 0)
    }
}
