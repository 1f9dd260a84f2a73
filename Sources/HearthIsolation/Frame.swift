/// The kinds of messages between a recipe's process and its parent. Each message is one byte of kind, the fields of that
/// kind, and, last, flat items where the kind has them. Numbers are little-endian.
package enum FrameKind: UInt8 {
    // From the parent.
    /// A program: compile it.
    case open = 1
    /// Run a module and freeze what it returns.
    case load = 2
    /// Call a function.
    case call = 3
    /// The answer to a host operation.
    case reply = 4
    case collect = 5

    // From the process.
    /// It is locked up, or why not.
    case hello = 16
    /// A host operation.
    case host = 17
    /// The end of `open`, `load`, `call` or `collect`.
    case done = 18
    /// Their end by an error.
    case failed = 19
}

/// The fields of one message. The buffer is kept and reused.
package struct FrameWriter {
    package private(set) var bytes: [UInt8] = []

    package init() {}

    package mutating func begin(_ kind: FrameKind) {
        bytes.removeAll(keepingCapacity: true)
        bytes.append(kind.rawValue)
    }

    package mutating func put(_ number: some FixedWidthInteger & BitwiseCopyable) {
        withUnsafeBytes(of: number.littleEndian) { bytes.append(contentsOf: $0) }
    }

    package mutating func put(_ flag: Bool) { bytes.append(flag ? 1 : 0) }

    package mutating func put(_ text: String) {
        put(UInt32(truncatingIfNeeded: text.utf8.count))
        bytes.append(contentsOf: text.utf8)
    }
}

/// Takes the fields of one message that is not trusted.
package struct FrameReader {
    private let bytes: UnsafeRawBufferPointer
    private var place = 0

    package init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

    /// What no field has taken.
    package var rest: UnsafeRawBufferPointer { UnsafeRawBufferPointer(rebasing: bytes[place...]) }

    package mutating func kind() throws(FrameFault) -> FrameKind {
        let number = try take(UInt8.self)
        guard let kind = FrameKind(rawValue: number) else { throw FrameFault("there is no kind of message \(number)") }
        return kind
    }

    package mutating func take<Number: FixedWidthInteger & BitwiseCopyable>(_ type: Number.Type) throws(FrameFault)
        -> Number
    {
        let size = MemoryLayout<Number>.size
        guard bytes.count - place >= size else { throw FrameFault("a message is cut short") }
        defer { place += size }
        return Number(littleEndian: bytes.loadUnaligned(fromByteOffset: place, as: type))
    }

    package mutating func takeFlag() throws(FrameFault) -> Bool {
        switch try take(UInt8.self) {
        case 0: false
        case 1: true
        default: throw FrameFault("a flag is neither 0 nor 1")
        }
    }

    /// - Parameter max: bytes.
    package mutating func takeText(max: Int = .max) throws(FrameFault) -> String {
        let count = Int(try take(UInt32.self))
        guard count <= max, count <= bytes.count - place else {
            throw FrameFault("a text of \(count) bytes where \(min(max, bytes.count - place)) may be")
        }
        defer { place += count }
        guard let text = String(validating: bytes[place..<(place + count)], as: UTF8.self) else {
            throw FrameFault("a text is not valid UTF-8")
        }
        return text
    }

    package func expectEnd() throws(FrameFault) {
        guard place == bytes.count else { throw FrameFault("\(bytes.count - place) bytes too many in a message") }
    }
}

/// A message is not what it should be.
package struct FrameFault: Error, Hashable {
    package var message: String

    package init(_ message: String) { self.message = message }
}
