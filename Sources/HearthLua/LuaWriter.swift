import HearthValues

/// Writes items of a flat buffer. The buffer is kept and reused: after the first calls nothing is allocated.
package struct LuaWriter: ~Copyable {
    private var base: UnsafeMutableRawPointer
    private var capacity: Int
    package private(set) var count = 0

    package init(capacity: Int = 512) {
        self.capacity = max(capacity, 16)
        base = .allocate(byteCount: self.capacity, alignment: 8)
    }

    deinit { base.deallocate() }

    /// The bytes so far; valid until the next write.
    package var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: base, count: count) }

    package mutating func clear() { count = 0 }

    /// Items that another writer wrote.
    package mutating func write(encoded items: [UInt8]) {
        items.withUnsafeBytes { write(encoded: $0) }
    }

    package mutating func write(encoded items: UnsafeRawBufferPointer) {
        reserve(items.count)
        if let source = items.baseAddress { (base + count).copyMemory(from: source, byteCount: items.count) }
        count += items.count
    }

    package mutating func writeAbsent() { write(tag: Tag.absent) }
    package mutating func writeNull() { write(tag: Tag.null) }
    package mutating func write(_ flag: Bool) { write(tag: flag ? Tag.yes : Tag.no) }

    package mutating func write(_ number: Int64) {
        write(tag: Tag.integer)
        store(number)
    }

    package mutating func write(_ number: Double) {
        write(tag: Tag.double)
        store(number.bitPattern)
    }

    package mutating func write(_ text: String) { write(text, tag: Tag.string) }

    /// Begins a list: write `count` items after it.
    package mutating func beginList(count: Int) {
        write(tag: Tag.list)
        store(UInt32(truncatingIfNeeded: count))
    }

    /// Begins an object: write `count` times a key and an item after it.
    package mutating func beginObject(count: Int) {
        write(tag: Tag.object)
        store(UInt32(truncatingIfNeeded: count))
    }

    /// One key of an object.
    package mutating func writeKey(_ text: String) { write(text, tag: nil) }

    /// The length and the bytes of a text, behind a tag unless it is a key.
    private mutating func write(_ text: String, tag: UInt8?) {
        text.withBytes { utf8 in
            reserve(5 + utf8.count)
            if let tag {
                (base + count).storeBytes(of: tag, as: UInt8.self)
                count += 1
            }
            (base + count).storeBytes(of: UInt32(truncatingIfNeeded: utf8.count), as: UInt32.self)
            count += 4
            if let source = utf8.baseAddress { (base + count).copyMemory(from: source, byteCount: utf8.count) }
            count += utf8.count
        }
    }

    package mutating func write(_ node: LuaNode) {
        write(tag: Tag.node)
        store(node.id)
        store(node.kind.rawValue)
    }

    /// `cells` as an argument, in a run whose lasting roots are all there: see `LuaNode.lasting`.
    package mutating func writeCells(_ id: UInt32) {
        write(tag: Tag.cells)
        store(id)
    }

    package mutating func write(_ function: FunctionHandle) {
        write(tag: Tag.function)
        store(function.number)
    }

    /// A link by its text, `CELL#POINTER`.
    package mutating func writeLink(_ text: String) { write(text, tag: Tag.link) }

    /// `ctx`: `fields` must write exactly one object.
    package mutating func writeContext(_ fields: (inout LuaWriter) -> Void) {
        write(tag: Tag.context)
        let at = count
        store(UInt32(0))
        fields(&self)
        (base + at).storeBytes(of: UInt32(truncatingIfNeeded: count - at - 4), as: UInt32.self)
    }

    private mutating func write(tag: UInt8) { store(tag) }

    private mutating func store<T: BitwiseCopyable>(_ value: T) {
        reserve(MemoryLayout<T>.size)
        (base + count).storeBytes(of: value, as: T.self)
        count += MemoryLayout<T>.size
    }

    @inline(__always)
    private mutating func reserve(_ more: Int) {
        if count + more > capacity { grow(more) }
    }

    @inline(never)
    private mutating func grow(_ more: Int) {
        capacity = max(capacity * 2, count + more)
        let moved = UnsafeMutableRawPointer.allocate(byteCount: capacity, alignment: 8)
        moved.copyMemory(from: base, byteCount: count)
        base.deallocate()
        base = moved
    }
}
