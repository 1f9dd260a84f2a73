extension ByteSink {
    /// Appends the canonical JSON text of a value.
    ///
    /// - Complexity: O(size).
    mutating func append(_ value: Value) {
        switch value {
        case .null: append("null" as StaticString)
        case .bool(let value): append(value ? "true" as StaticString : "false" as StaticString)
        case .int(let value): appendInt(value)
        case .double(let value): appendDouble(value)
        case .string(let value): appendJSONString(value)
        case .list(let value): append(value)
        case .object(let value): append(value)
        case .link(let value):
            append("{\"$ref\":" as StaticString)
            appendJSONString(value.text)
            append(UInt8(ascii: "}"))
        }
    }

    /// Appends the shortest digits that read back as the same double, always with a `.` or an `e`. What is not finite
    /// has no JSON and is written `null`; values do not hold it.
    package mutating func appendDouble(_ value: Double) {
        if value.isFinite { append(utf8: value.description) } else { append("null" as StaticString) }
    }

    /// Appends the text in quotes. Only quotes, backslashes and control characters are escaped.
    ///
    /// - Complexity: O(n).
    package mutating func appendJSONString(_ text: String) {
        text.withBytes { text in
            let place = reserve(text.count + 2)
            let plain = text.copyPlainBytes(to: place + 1)
            place.storeBytes(of: UInt8(ascii: "\""), as: UInt8.self)
            if plain == text.count {
                place.storeBytes(of: UInt8(ascii: "\""), toByteOffset: plain + 1, as: UInt8.self)
                return advance(by: plain + 2)
            }
            advance(by: plain + 1)
            appendEscaped(UnsafeRawBufferPointer(rebasing: text[plain...]))
            append(UInt8(ascii: "\""))
        }
    }

    /// Appends a key of an object, with what stands before it and the colon behind it.
    ///
    /// - Parameter slot: where it is looked for among the keys that are kept.
    private mutating func appendKey(_ key: String, of slot: Int, after separator: UInt8) {
        guard key.utf8.count <= WrittenKeys.keyBytesMax, capacity - count >= WrittenKeys.lengthMax else {
            return spell(key, after: separator)
        }
        let place = start + count
        if let length = keys?.write(key, of: slot, to: place) {
            place.storeBytes(of: separator, as: UInt8.self)
            advance(by: length)
        } else {
            appendNewKey(key, of: slot, after: separator)
        }
    }

    /// The same for a key that is not among those kept.
    @inline(never)
    private mutating func appendNewKey(_ key: String, of slot: Int, after separator: UInt8) {
        let before = count
        spell(key, after: UInt8(ascii: ","))
        if keys == nil { keys = WrittenKeys() }
        keys?.keep(key, of: slot, UnsafeRawBufferPointer(start: start + before, count: count - before))
        start.storeBytes(of: separator, toByteOffset: before, as: UInt8.self)
    }

    /// The same, looking through the key for what must be escaped.
    private mutating func spell(_ key: String, after separator: UInt8) {
        key.withBytes { text in
            let place = reserve(text.count + 4)
            guard text.copyPlainBytes(to: place + 2) == text.count else { return spellEscaped(text, after: separator) }
            place.storeBytes(of: separator, as: UInt8.self)
            place.storeBytes(of: UInt8(ascii: "\""), toByteOffset: 1, as: UInt8.self)
            place.storeBytes(of: UInt8(ascii: "\""), toByteOffset: text.count + 2, as: UInt8.self)
            place.storeBytes(of: UInt8(ascii: ":"), toByteOffset: text.count + 3, as: UInt8.self)
            advance(by: text.count + 4)
        }
    }

    /// The same for a key with something to escape.
    @inline(never)
    private mutating func spellEscaped(_ key: UnsafeRawBufferPointer, after separator: UInt8) {
        append(separator)
        append(UInt8(ascii: "\""))
        appendEscaped(key)
        append("\":" as StaticString)
    }

    /// Appends the pointer's text in quotes; the same bytes as its description would give.
    ///
    /// - Complexity: O(n); no text is made of it.
    package mutating func appendJSONString(_ pointer: Pointer) {
        append(UInt8(ascii: "\""))
        pointer.tokens.forEach { token in
            append(UInt8(ascii: "/"))
            if !token.withBytes({ appendPlainToken($0) }) {
                String(Pointer(tokens: [token]).description.dropFirst()).withBytes { appendEscaped($0) }
            }
        }
        append(UInt8(ascii: "\""))
    }

    /// Appends a token that is spelled in a pointer, and in JSON, as it is.
    ///
    /// - Returns: false, with nothing appended, when some byte of it is not.
    private mutating func appendPlainToken(_ token: UnsafeRawBufferPointer) -> Bool {
        for byte in token where byte == UInt8(ascii: "~") || byte == UInt8(ascii: "/") { return false }
        guard token.copyPlainBytes(to: reserve(token.count)) == token.count else { return false }
        advance(by: token.count)
        return true
    }

    /// How many elements are written while the texts of one come; the first ones of a chunk are not asked for.
    private static var elementsAhead: Int { 4 }

    private mutating func append(_ list: List) {
        var separator = UInt8(ascii: "[")
        list.forEachChunk { chunk in
            let elements = chunk.lent
            for index in elements.indices {
                if index + Self.elementsAhead < elements.count { elements[index + Self.elementsAhead].fetchTexts() }
                append(separator)
                append(elements[index])
                separator = UInt8(ascii: ",")
            }
        }
        if list.isEmpty { append(separator) }
        append(UInt8(ascii: "]"))
    }

    private mutating func append(_ object: Object) {
        var separator = UInt8(ascii: "{")
        appendEntries(of: object.tree.root, after: &separator)
        if object.isEmpty { append(separator) }
        append(UInt8(ascii: "}"))
    }

    /// Loops of its own: nearly all that is written is objects, and a closure for each entry would cost as much as a key.
    private mutating func appendEntries(of node: TreeNode<ObjectEntry>, after separator: inout UInt8) {
        switch node {
        case .leaf(let entries):
            entries.withUnsafeBufferPointer { entries in
                let fields = entries.lent
                let keepsKeys = keepsKeys && fields.count <= WrittenKeys.slotsMax
                for place in fields.indices {
                    if keepsKeys {
                        let slot = WrittenKeys.slot(of: place, among: fields.count)
                        append(fields[place], keyOf: slot, after: separator)
                    } else {
                        append(fields[place], after: separator)
                    }
                    separator = UInt8(ascii: ",")
                }
            }
        case .inner(let children):
            for index in children.indices { appendEntries(of: children[index].node, after: &separator) }
        }
    }

    private mutating func append(_ value: borrowing Lent<Value>) { append(value.element) }

    private mutating func append(_ entry: borrowing Lent<ObjectEntry>, after separator: UInt8) {
        spell(entry.element.key, after: separator)
        append(entry.element.value)
    }

    private mutating func append(_ entry: borrowing Lent<ObjectEntry>, keyOf slot: Int, after separator: UInt8) {
        appendKey(entry.element.key, of: slot, after: separator)
        append(entry.element.value)
    }

    private mutating func appendEscaped(_ text: UnsafeRawBufferPointer) {
        var rest = text
        while true {
            let plain = rest.copyPlainBytes(to: reserve(rest.count))
            advance(by: plain)
            if plain == rest.count { return }
            appendEscape(rest[plain])
            rest = UnsafeRawBufferPointer(rebasing: rest[(plain + 1)...])
        }
    }

    @inline(never)
    private mutating func appendEscape(_ byte: UInt8) {
        switch byte {
        case UInt8(ascii: "\""): append("\\\"" as StaticString)
        case UInt8(ascii: "\\"): append("\\\\" as StaticString)
        case 0x08: append("\\b" as StaticString)
        case 0x09: append("\\t" as StaticString)
        case 0x0A: append("\\n" as StaticString)
        case 0x0C: append("\\f" as StaticString)
        case 0x0D: append("\\r" as StaticString)
        default:
            append("\\u00" as StaticString)
            append(byte < 0x10 ? UInt8(ascii: "0") : UInt8(ascii: "1"))
            let digit = byte & 15
            append(digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10)
        }
    }
}

extension UnsafeRawBufferPointer {
    /// Copies up to the first byte that JSON escapes; gives how many bytes were copied.
    func copyPlainBytes(to target: UnsafeMutableRawPointer) -> Int {
        var offset = 0
        while offset + 8 <= count, copyPlainWord(at: offset, to: target) { offset += 8 }
        if offset == count { return offset }
        // The last bytes, some of them for the second time, when none of them is special.
        if count >= 8 {
            if count - offset < 8, copyPlainWord(at: count - 8, to: target) { return count }
        } else if count >= 4, copyPlainHalves(to: target) {
            return count
        }
        while offset < count {
            let byte = self[offset]
            if byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") { break }
            target.storeBytes(of: byte, toByteOffset: offset, as: UInt8.self)
            offset += 1
        }
        return offset
    }

    /// - Returns: false, with nothing copied, when one of the eight bytes at `offset` is escaped.
    @inline(__always)
    private func copyPlainWord(at offset: Int, to target: UnsafeMutableRawPointer) -> Bool {
        let word = loadUnaligned(fromByteOffset: offset, as: UInt64.self)
        if word.hasEscapedByte { return false }
        target.storeBytes(of: word, toByteOffset: offset, as: UInt64.self)
        return true
    }

    /// The same for four to eight bytes in all: the first four and the last four.
    @inline(__always)
    private func copyPlainHalves(to target: UnsafeMutableRawPointer) -> Bool {
        let first = loadUnaligned(as: UInt32.self)
        let last = loadUnaligned(fromByteOffset: count - 4, as: UInt32.self)
        if (UInt64(first) | UInt64(last) << 32).hasEscapedByte { return false }
        target.storeBytes(of: first, as: UInt32.self)
        target.storeBytes(of: last, toByteOffset: count - 4, as: UInt32.self)
        return true
    }
}
