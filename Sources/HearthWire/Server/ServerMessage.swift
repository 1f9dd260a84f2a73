package import HearthValues

/// Writes the messages that the server sends, each as one JSON object. Optional fields that are nil are left out.
///
/// Every function appends to the sink, so that the messages of one turn can share a buffer.
package enum ServerMessage {
    /// The name of the protocol, also the WebSocket subprotocol.
    package static let protocolName = "hearth.v1"

    package static func joined(_ fields: JoinedFields, into sink: inout ByteSink) {
        sink.append("{\"type\":\"joined\",\"protocol\":\"hearth.v1\"" as StaticString)
        sink.field(",\"room\":", fields.room)
        sink.field(",\"recipe\":", fields.recipe)
        sink.field(",\"session\":", fields.session)
        sink.field(",\"resume\":", fields.resume)
        sink.field(",\"you\":", fields.you)
        sink.field(",\"epoch\":", fields.epoch)
        sink.field(",\"seq\":", fields.seq)
        sink.field(",\"trace\":", fields.trace)
        sink.field(",\"resumed\":", .bool(fields.resumed))
        sink.field(",\"last_event\":", .int(fields.lastEvent))
        if let cells = fields.cells { sink.field(",\"cells\":", .object(cells)) }
        sink.append(UInt8(ascii: "}"))
    }

    /// - Parameters:
    ///   - by: The session whose event it was; nil, written `null`, for timers and server calls.
    ///   - event: The event's name.
    package static func commit(
        seq: UInt64, by: String?, event: String?, patch: Patch, into sink: inout ByteSink
    ) {
        sink.append("{\"type\":\"commit\"" as StaticString)
        sink.field(",\"seq\":", seq)
        sink.field(",\"by\":", by.map { .string($0) } ?? .null)
        if let event { sink.field(",\"event\":", event) }
        sink.field(",\"patch\":", patch)
        sink.append(UInt8(ascii: "}"))
    }

    /// - Parameters:
    ///   - id: The event's; nil in the answer to `auth`.
    ///   - seq: nil in the answer to `auth`.
    ///   - runs: How often the handler ran; nil leaves it out.
    package static func ack(
        id: Int64?, seq: UInt64?, result: Value? = nil, runs: Int? = nil, into sink: inout ByteSink
    ) {
        sink.append("{\"type\":\"ack\"" as StaticString)
        if let id { sink.field(",\"id\":", .int(id)) }
        if let seq { sink.field(",\"seq\":", seq) }
        if let result { sink.field(",\"result\":", result) }
        if let runs { sink.field(",\"runs\":", .int(Int64(runs))) }
        sink.append(UInt8(ascii: "}"))
    }

    /// - Parameters:
    ///   - id: The event's, where the error answers one; nil takes ``WireError/event``.
    ///   - trace: The id of the connection.
    package static func error(
        _ error: WireError, id: Int64? = nil, trace: String? = nil, into sink: inout ByteSink
    ) {
        sink.append("{\"type\":\"error\"" as StaticString)
        if let id = id ?? error.event { sink.field(",\"id\":", .int(id)) }
        sink.field(",\"code\":", error.code.text)
        sink.field(",\"message\":", error.message)
        sink.field(",\"retryable\":", .bool(error.retryable))
        if let details = error.details { sink.field(",\"details\":", details) }
        if let trace { sink.field(",\"trace\":", trace) }
        sink.append(UInt8(ascii: "}"))
    }

    /// - Parameters:
    ///   - ask: The question's id.
    ///   - timeoutMs: How long the handler waits from now on, in milliseconds.
    package static func ask(
        _ ask: String, name: String, data: Value, timeoutMs: Int64, into sink: inout ByteSink
    ) {
        sink.append("{\"type\":\"ask\"" as StaticString)
        sink.field(",\"ask\":", ask)
        sink.field(",\"name\":", name)
        sink.field(",\"data\":", data)
        sink.field(",\"timeout_ms\":", .int(timeoutMs))
        sink.append(UInt8(ascii: "}"))
    }

    /// - Parameter from: The session whose event it was; nil, written `null`, for timers and server calls.
    package static func signal(name: String, data: Value, from: String?, into sink: inout ByteSink) {
        sink.append("{\"type\":\"signal\"" as StaticString)
        sink.field(",\"name\":", name)
        sink.field(",\"data\":", data)
        sink.field(",\"from\":", from.map { .string($0) } ?? .null)
        sink.append(UInt8(ascii: "}"))
    }

    package static func ephemeral(patch: Patch, into sink: inout ByteSink) {
        sink.append("{\"type\":\"ephemeral\"" as StaticString)
        sink.field(",\"patch\":", patch)
        sink.append(UInt8(ascii: "}"))
    }

    package static func reload(_ recipe: RecipeFields, into sink: inout ByteSink) {
        sink.append("{\"type\":\"reload\"" as StaticString)
        sink.field(",\"recipe\":", recipe)
        sink.append(UInt8(ascii: "}"))
    }

    /// For authors: the recipe was saved, and is wrong. Empty when it is right again.
    ///
    /// - Parameter problems: objects with `file`, `line`, `message` and `source`.
    package static func recipeError(_ problems: [Value], into sink: inout ByteSink) {
        sink.append("{\"type\":\"recipe_error\"" as StaticString)
        sink.field(",\"problems\":", .list(List(problems)))
        sink.append(UInt8(ascii: "}"))
    }

    package static func syncResponse(
        epoch: String, seq: UInt64, cells: Object, participants: [ParticipantFields], into sink: inout ByteSink
    ) {
        sink.append("{\"type\":\"sync_response\"" as StaticString)
        sink.field(",\"epoch\":", epoch)
        sink.field(",\"seq\":", seq)
        sink.field(",\"cells\":", .object(cells))
        sink.append(",\"participants\":[" as StaticString)
        for (index, participant) in participants.enumerated() {
            sink.field(index == 0 ? "" : ",", participant)
        }
        sink.append("]}" as StaticString)
    }

    /// - Parameters:
    ///   - at: What the `ping` brought.
    ///   - now: The server's clock in milliseconds since 1970.
    package static func pong(at: Value?, now: Int64, into sink: inout ByteSink) {
        sink.append("{\"type\":\"pong\"" as StaticString)
        if let at { sink.field(",\"at\":", at) }
        sink.field(",\"now\":", .int(now))
        sink.append(UInt8(ascii: "}"))
    }

    /// - Parameters:
    ///   - code: The close code that follows, a raw value of ``CloseCode``.
    ///   - retryAfterMs: In milliseconds.
    package static func bye(code: UInt16, reason: String, retryAfterMs: Int64? = nil, into sink: inout ByteSink) {
        sink.append("{\"type\":\"bye\"" as StaticString)
        sink.field(",\"code\":", .int(Int64(code)))
        sink.field(",\"reason\":", reason)
        if let retryAfterMs { sink.field(",\"retry_after_ms\":", .int(retryAfterMs)) }
        sink.append(UInt8(ascii: "}"))
    }

    /// Joins messages, each already written, into the array that a client with `batch` takes as one frame.
    package static func batch(_ messages: some Sequence<[UInt8]>, into sink: inout ByteSink) {
        var separator = UInt8(ascii: "[")
        for message in messages {
            sink.append(separator)
            sink.append(contentsOf: message)
            separator = UInt8(ascii: ",")
        }
        if separator == UInt8(ascii: "[") { sink.append(separator) }
        sink.append(UInt8(ascii: "]"))
    }
}
