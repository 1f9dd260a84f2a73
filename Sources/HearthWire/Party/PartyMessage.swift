package import HearthValues

/// The raw JSON that PartySocket clients speak: objects with a `type`, in both directions.
package enum PartyMessage {
    /// Bytes of a `type`.
    package static let typeBytesMax = 200

    /// Reads one text frame.
    ///
    /// - Throws: `bad_message` when the text is not JSON, not an object, or has no `type`; `invalid_link` for an object with a
    ///   key `$ref` that is no link.
    /// - Complexity: O(n).
    package static func decode(_ frame: UnsafeRawBufferPointer) throws(WireError) -> (type: String, message: Value) {
        let json: Value
        do throws(JSONError) {
            json = try JSON.parse(frame, links: .parsed)
        } catch {
            if case .invalidLink = error.kind {
                throw WireError(.invalidLink, error.message, details: ["path": .string(error.pointer.description)])
            }
            throw WireError(.badMessage, "the message is not JSON: \(error.message)")
        }
        guard let object = json.object else {
            throw WireError(.badMessage, "a message is a JSON object, not a \(json.kindName)")
        }
        let type = try FieldReader(object).string("type")
        guard (1...typeBytesMax).contains(type.utf8.count) else {
            throw .badField("type", "\"type\" must have 1 to \(typeBytesMax) bytes")
        }
        return (type, json)
    }

    /// - Parameter trace: the connection's.
    package static func error(_ error: WireError, trace: String, into sink: inout ByteSink) {
        sink.append("{\"type\":\"error\"")
        sink.field(",\"code\":", error.code.text)
        sink.field(",\"message\":", error.message)
        sink.append(error.retryable ? ",\"retryable\":true" : ",\"retryable\":false")
        if let details = error.details { sink.field(",\"details\":", details) }
        sink.field(",\"trace\":", trace)
        sink.append(UInt8(ascii: "}"))
    }

    /// What a handler said by `ctx.reply` or `ctx.broadcast`: as it is.
    package static func plain(_ value: Value, into sink: inout ByteSink) { JSON.write(value, into: &sink) }
}
