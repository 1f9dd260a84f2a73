/// Why a socket ends: what its peer is told and what the log says.
struct Closing: Sendable, Equatable {
    /// A close code of PROTOCOL.md or RFC 6455.
    var code: UInt16
    /// What the peer reads in the close frame and in `bye`.
    var reason: String
    /// What the log says; more than the reason where that helps whoever runs the server.
    var cause: String
    var retryAfterMs: Int64?
    /// What was run into, for `/metrics`.
    var limit: ServerLimit?

    init(
        code: UInt16, reason: String, cause: String? = nil, retryAfterMs: Int64? = nil, limit: ServerLimit? = nil
    ) {
        self.code = code
        self.reason = reason
        self.cause = cause ?? reason
        self.retryAfterMs = retryAfterMs
        self.limit = limit
    }

    /// The code of a server that restarts.
    static let restart: UInt16 = 1012

    static let restarting = Closing(code: restart, reason: "the server restarts", retryAfterMs: 1_000)
    static let noJoin = Closing(code: 4408, reason: "no join in time", limit: .joinTime)
    static let heartbeatLost = Closing(code: 4408, reason: "heartbeat lost", limit: .silence)
    static let badMessages = Closing(code: 4400, reason: "too many bad messages", limit: .badMessages)
    static let rateLimited = Closing(code: 4429, reason: "too many messages", limit: .refusedEvents)

    static func overrun(waiting count: Int) -> Closing {
        Closing(code: 4429, reason: "\(count) messages are waiting in this room", retryAfterMs: 1_000)
    }

    /// The same with a time to come back of its own: not everybody at once.
    var withJitter: Closing {
        var closing = self
        closing.retryAfterMs = retryAfterMs.map { ms in ms > 1 ? Int64.random(in: ms / 2...ms) : ms }
        return closing
    }

    /// The connection broke without a close frame.
    static func lost(_ cause: String) -> Closing { Closing(code: 1006, reason: "", cause: cause) }
}
