package import HearthValues

/// Why one socket was closed.
package struct ClosingRecord: Sendable, Hashable {
    /// Milliseconds since 1970.
    package var at: Int64
    package var room: String
    /// `-` for a socket that never joined.
    package var session: String
    package var trace: String
    package var remote: String
    package var code: Int64
    package var cause: String

    init(at: Int64, room: String, session: String, trace: String, remote: String, code: Int64, cause: String) {
        self.at = at
        self.room = room
        self.session = session
        self.trace = trace
        self.remote = remote
        self.code = code
        self.cause = cause
    }

    /// Is it about this session, or about the connection with this trace?
    package func isAbout(_ name: String) -> Bool { session == name || trace == name }

    /// - Returns: nil when it is none. `remote` may be missing: servers do not tell it to everyone.
    package init?(_ json: Value) {
        guard let object = json.object, let at = object["at"]?.int, let room = object["room"]?.string,
            let session = object["session"]?.string, let trace = object["trace"]?.string,
            let code = object["code"]?.int, let cause = object["cause"]?.string
        else { return nil }
        self.init(
            at: at, room: room, session: session, trace: trace, remote: object["remote"]?.string ?? "-", code: code,
            cause: cause)
    }

    /// - Parameter remote: whether the peer's address may be told.
    package func json(remote isTold: Bool) -> Value {
        var object: Object = [
            "at": .int(at), "room": .string(room), "session": .string(session), "trace": .string(trace),
            "code": .int(code), "cause": .string(cause),
        ]
        if isTold { object["remote"] = .string(remote) }
        return .object(object)
    }
}
