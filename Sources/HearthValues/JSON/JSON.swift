/// JSON text (RFC 8259): reading into and writing from ``Value``.
///
/// Reading accepts exactly the grammar of the RFC. Where the RFC leaves room: a byte order mark, invalid UTF-8 and lone
/// surrogates are refused; of a key given twice the last value wins; integers outside 64 bits become doubles; doubles
/// that overflow are refused, those that underflow become zero; `-0` is the double `-0.0`.
///
/// Writing is canonical: keys sorted by their bytes, no spaces, only the escapes that must be, the shortest digits that
/// read back as the same double. Equal values give equal bytes, and reading them gives an equal value.
package enum JSON {
    /// What reading does with `{"$ref":…}`.
    package enum Links: Sendable {
        /// Leaves it an object.
        case asObjects
        /// Makes it a ``Link``, and refuses every other object with a key `$ref`.
        case parsed
    }

    /// - Throws: ``JSONError`` with the offset and line of the first thing that is wrong.
    /// - Complexity: O(n).
    package static func parse(
        _ bytes: UnsafeRawBufferPointer, limits: JSONLimits = .default, links: Links = .asObjects
    ) throws(JSONError) -> Value {
        var parser = JSONParser(bytes, limits: limits, links: links)
        return try parser.document()
    }

    /// - Throws: as ``parse(_:limits:links:)``.
    package static func parse(
        _ bytes: [UInt8], limits: JSONLimits = .default, links: Links = .asObjects
    ) throws(JSONError) -> Value {
        try result { bytes.withUnsafeBytes { parsed($0, limits, links) } }
    }

    /// - Throws: as ``parse(_:limits:links:)``.
    package static func parse(
        _ text: String, limits: JSONLimits = .default, links: Links = .asObjects
    ) throws(JSONError) -> Value {
        try result { text.withBytes { parsed($0, limits, links) } }
    }

    /// Appends the canonical text.
    ///
    /// - Complexity: O(size).
    package static func write(_ value: Value, into sink: inout ByteSink) { sink.append(value) }

    /// The canonical text.
    package static func text(_ value: Value) -> String { String(decoding: bytes(value), as: UTF8.self) }

    /// The canonical text in UTF-8.
    package static func bytes(_ value: Value) -> [UInt8] {
        var sink = ByteSink()
        sink.append(value)
        return sink.bytes
    }

    /// The canonical text in UTF-8, for large values: it is written where it stays.
    ///
    /// - Parameter length: How many bytes are expected. If there are more they are moved about as they come, and if there are
    ///   fewer than half of it they are copied, so that the rest of the memory is not kept.
    package static func bytes(_ value: Value, expecting length: Int) -> [UInt8] {
        var copy: [UInt8]?
        let bytes = [UInt8](unsafeUninitializedCapacity: max(length, 16)) { memory, count in
            var sink = ByteSink(lent: UnsafeMutableRawBufferPointer(memory))
            sink.append(value)
            if sink.isLent, sink.count >= length / 2 { count = sink.count } else { copy = sink.bytes }
        }
        return copy ?? bytes
    }

    private static func parsed(
        _ bytes: UnsafeRawBufferPointer, _ limits: JSONLimits, _ links: Links
    ) -> Result<Value, JSONError> {
        do { return .success(try parse(bytes, limits: limits, links: links)) } catch { return .failure(error) }
    }

    private static func result(_ body: () -> Result<Value, JSONError>) throws(JSONError) -> Value { try body().get() }
}

/// How much JSON text may ask of the reader.
package struct JSONLimits: Sendable {
    /// Lists and objects inside one another, at most. 128: the reader recurses, and nothing legible is deeper.
    package var depthMax: Int
    /// Whether an object that has a key twice is refused, rather than read with the last value: where two readers that
    /// differ on this would see two things, as in a signed token.
    package var refusesDuplicates: Bool

    package init(depthMax: Int = 128, refusesDuplicates: Bool = false) {
        self.depthMax = depthMax
        self.refusesDuplicates = refusesDuplicates
    }

    package static let `default` = JSONLimits()
}
