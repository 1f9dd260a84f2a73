/// Reads items of a flat buffer one after another. The bytes belong to the VM: a reader must not outlive the call that
/// handed it out.
package struct LuaReader {
    private var cursor: UnsafeRawPointer
    private let end: UnsafeRawPointer

    package init(_ bytes: UnsafeRawBufferPointer) {
        let base = bytes.baseAddress ?? UnsafeRawPointer(bitPattern: 1).unsafelyUnwrapped
        cursor = base
        end = base + bytes.count
    }

    /// Whether all items were read.
    package var isAtEnd: Bool { cursor >= end }
    package var bytesLeft: Int { end - cursor }

    /// All bytes that are left, as they are.
    package var rest: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: cursor, count: bytesLeft) }

    /// The tag of the next item without reading it; `absent` at the end.
    package var nextTag: UInt8 { isAtEnd ? Tag.absent : cursor.load(as: UInt8.self) }

    /// Reads the head of the next item. After `.list(n)` follow n items; after `.object(n)` follow n times
    /// `readKey()` and an item.
    package mutating func next() throws(LuaFormatError) -> LuaItem {
        guard !isAtEnd else { return .absent }
        let tag = cursor.load(as: UInt8.self)
        cursor += 1
        switch tag {
        case Tag.absent: return .absent
        case Tag.null: return .null
        case Tag.no: return .bool(false)
        case Tag.yes: return .bool(true)
        case Tag.integer: return .integer(try load(Int64.self))
        case Tag.double: return .double(Double(bitPattern: try load(UInt64.self)))
        case Tag.string: return .string(try readText())
        case Tag.list: return .list(count: Int(try load(UInt32.self)))
        case Tag.object: return .object(count: Int(try load(UInt32.self)))
        case Tag.function: return .function(FunctionHandle(try load(UInt32.self)))
        case Tag.link: return .link(try readText())
        case Tag.empty: return .empty
        case Tag.node: return .node(try readNode())
        default: throw .unknownTag(tag)
        }
    }

    /// The bytes of the key that comes next, without reading it.
    package var keyBytes: UnsafeRawBufferPointer {
        get throws(LuaFormatError) {
            var ahead = self
            let count = Int(try ahead.load(UInt32.self))
            guard ahead.bytesLeft >= count else { throw .cutShort }
            return UnsafeRawBufferPointer(start: ahead.cursor, count: count)
        }
    }

    /// The bytes of the text that comes next, without reading it; nil when something else does.
    package var textBytes: UnsafeRawBufferPointer? {
        guard nextTag == Tag.string else { return nil }
        var ahead = self
        ahead.cursor += 1
        return try? ahead.keyBytes
    }

    /// Passes over a key that was looked at.
    package mutating func skip(key: UnsafeRawBufferPointer) { cursor += 4 + key.count }

    /// Reads one key of an object.
    package mutating func readKey() throws(LuaFormatError) -> String { try readText() }

    /// Passes over one item with all that is in it.
    package mutating func skip() throws(LuaFormatError) {
        switch try next() {
        case .list(let count): for _ in 0..<count { try skip() }
        case .object(let count):
            for _ in 0..<count {
                _ = try readText()
                try skip()
            }
        default: break
        }
    }

    private mutating func readNode() throws(LuaFormatError) -> LuaNode {
        let id = try load(UInt32.self)
        guard let kind = NodeKind(rawValue: try load(UInt8.self)) else { throw .cutShort }
        return LuaNode(id, kind)
    }

    private mutating func readText() throws(LuaFormatError) -> String {
        let count = Int(try load(UInt32.self))
        guard bytesLeft >= count else { throw .cutShort }
        defer { cursor += count }
        return String(decoding: UnsafeRawBufferPointer(start: cursor, count: count), as: UTF8.self)
    }

    private mutating func load<T: BitwiseCopyable>(_ type: T.Type) throws(LuaFormatError) -> T {
        guard bytesLeft >= MemoryLayout<T>.size else { throw .cutShort }
        defer { cursor += MemoryLayout<T>.size }
        return cursor.loadUnaligned(as: type)
    }
}

/// The head of an item.
package enum LuaItem: Sendable, Hashable {
    /// Lua's nil, or no more items.
    case absent
    case null
    case bool(Bool)
    case integer(Int64)
    case double(Double)
    case string(String)
    case list(count: Int)
    case object(count: Int)
    case node(LuaNode)
    case function(FunctionHandle)
    /// `CELL#POINTER`.
    case link(String)
    /// An empty table: takes the declared type.
    case empty
}

/// The buffer is not what it should be: a mistake in the bridge or in the host.
package enum LuaFormatError: Error, Sendable, Hashable {
    case cutShort
    case unknownTag(UInt8)
    /// A function, or a node or link that cannot be stored.
    case notAValue
}
