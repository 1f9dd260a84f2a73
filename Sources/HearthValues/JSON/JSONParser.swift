/// A recursive-descent reader over raw bytes.
///
/// The path to an error is not kept while reading: each level adds its token when an error passes through it.
struct JSONParser {
    let bytes: UnsafeRawBufferPointer
    let limits: JSONLimits
    let links: JSON.Links
    var offset = 0
    private var depth = 0

    init(_ bytes: UnsafeRawBufferPointer, limits: JSONLimits, links: JSON.Links) {
        self.bytes = bytes
        self.limits = limits
        self.links = links
    }

    /// One value with nothing but white space around it.
    mutating func document() throws(JSONError) -> Value {
        skipSpace()
        let value = try value()
        skipSpace()
        if offset < bytes.count { throw unexpected("the end of the text") }
        return value
    }

    /// The value at `offset`, where no white space stands.
    private mutating func value() throws(JSONError) -> Value {
        guard offset < bytes.count else { throw unexpected("a value") }
        switch bytes[offset] {
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "{"): return try nested { parser throws(JSONError) in try parser.object() }
        case UInt8(ascii: "["): return try nested { parser throws(JSONError) in try parser.list() }
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return try number()
        case UInt8(ascii: "t"): return try word("true", .bool(true))
        case UInt8(ascii: "f"): return try word("false", .bool(false))
        case UInt8(ascii: "n"): return try word("null", .null)
        default: throw unexpected("a value")
        }
    }

    @inline(__always)
    private mutating func nested(
        _ body: (inout JSONParser) throws(JSONError) -> Value
    ) throws(JSONError) -> Value {
        guard depth < limits.depthMax else { throw error(.tooDeep(depthMax: limits.depthMax)) }
        depth += 1
        offset += 1
        let value = try body(&self)
        depth -= 1
        return value
    }

    private mutating func list() throws(JSONError) -> Value {
        var elements: [Value] = []
        skipSpace()
        if skip(UInt8(ascii: "]")) { return .list(List()) }
        while true {
            do throws(JSONError) { elements.append(try value()) } catch { throw error.below(String(elements.count)) }
            skipSpace()
            if skip(UInt8(ascii: "]")) { return .list(List(elements)) }
            guard skip(UInt8(ascii: ",")) else { throw unexpected("\",\" or \"]\"") }
            skipSpace()
        }
    }

    private mutating func object() throws(JSONError) -> Value {
        let start = offset - 1
        var entries: [ObjectEntry] = []
        var hasReference = false
        skipSpace()
        if skip(UInt8(ascii: "}")) { return .object(Object()) }
        entries.reserveCapacity(8)
        while true {
            guard offset < bytes.count, bytes[offset] == UInt8(ascii: "\"") else { throw unexpected("a key in quotes") }
            let key = try string()
            skipSpace()
            guard skip(UInt8(ascii: ":")) else { throw unexpected("\":\"") }
            skipSpace()
            do throws(JSONError) {
                entries.append(ObjectEntry(key: key, value: try value()))
            } catch { throw error.below(key) }
            if key == Link.key { hasReference = true }
            skipSpace()
            if skip(UInt8(ascii: "}")) { break }
            guard skip(UInt8(ascii: ",")) else { throw unexpected("\",\" or \"}\"") }
            skipSpace()
        }
        let object = Object(entries: entries)
        if limits.refusesDuplicates, object.count != entries.count { throw error(.duplicateKey, at: start) }
        guard hasReference, case .parsed = links else { return .object(object) }
        guard object.count == 1, let text = object[Link.key]?.string, let link = Link(text) else {
            throw error(.invalidLink, at: start)
        }
        return .link(link)
    }

    private mutating func word(_ word: StaticString, _ value: Value) throws(JSONError) -> Value {
        for index in 0..<word.utf8CodeUnitCount {
            guard offset < bytes.count, bytes[offset] == word.utf8Start[index] else { throw unexpected("\"\(word)\"") }
            offset += 1
        }
        return value
    }

    @inline(__always)
    private mutating func skip(_ byte: UInt8) -> Bool {
        guard offset < bytes.count, bytes[offset] == byte else { return false }
        offset += 1
        return true
    }

    @inline(__always)
    private mutating func skipSpace() {
        while offset < bytes.count {
            switch bytes[offset] {
            case 0x20, 0x09, 0x0A, 0x0D: offset += 1
            default: return
            }
        }
    }
}
