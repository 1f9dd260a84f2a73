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
        append(UInt8(ascii: "\""))
        text.withBytes { appendEscaped($0) }
        append(UInt8(ascii: "\""))
    }

    /// Appends the pointer's text in quotes; the same bytes as its description would give.
    ///
    /// - Complexity: O(n); no text is made of it.
    package mutating func appendJSONString(_ pointer: Pointer) {
        append(UInt8(ascii: "\""))
        for token in pointer.tokens {
            append(UInt8(ascii: "/"))
            if token.needsEscapeInPointer {
                String(Pointer(tokens: [token]).description.dropFirst()).withBytes { appendEscaped($0) }
            } else {
                token.withBytes { appendEscaped($0) }
            }
        }
        append(UInt8(ascii: "\""))
    }

    private mutating func append(_ list: List) {
        var separator = UInt8(ascii: "[")
        list.forEachInPlace { value in
            append(separator)
            append(value)
            separator = UInt8(ascii: ",")
        }
        if list.isEmpty { append(separator) }
        append(UInt8(ascii: "]"))
    }

    private mutating func append(_ object: Object) {
        var separator = UInt8(ascii: "{")
        object.tree.root.forEach { entry in
            append(separator)
            appendJSONString(entry.key)
            append(UInt8(ascii: ":"))
            append(entry.value)
            separator = UInt8(ascii: ",")
        }
        if object.isEmpty { append(separator) }
        append(UInt8(ascii: "}"))
    }

    private mutating func appendEscaped(_ text: UnsafeRawBufferPointer) {
        var runStart = 0
        var offset = 0
        while offset < text.count {
            if offset + 8 <= text.count, !text.loadUnaligned(fromByteOffset: offset, as: UInt64.self).hasSpecialByte {
                offset += 8
                continue
            }
            let byte = text[offset]
            if byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") {
                bytes.append(contentsOf: UnsafeRawBufferPointer(rebasing: text[runStart..<offset]))
                appendEscape(byte)
                runStart = offset + 1
            }
            offset += 1
        }
        bytes.append(contentsOf: UnsafeRawBufferPointer(rebasing: text[runStart...]))
    }

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
