/// Every code with which the server closes a socket.
package enum CloseCode: UInt16, Sendable, Hashable, CaseIterable {
    case normal = 1000
    case goingAway = 1001
    /// A binary frame.
    case unsupportedFrame = 1003
    /// A text frame that is not UTF-8.
    case invalidText = 1007
    case messageTooLarge = 1009
    case internalError = 1011
    /// The server restarts; follows a `bye` with `retry_after_ms`.
    case restarting = 1012
    case badMessages = 4400
    case unauthenticated = 4401
    case forbidden = 4403
    /// No `join` in time, or no frame within the heartbeat.
    case timedOut = 4408
    /// Another socket resumed the session.
    case replaced = 4409
    case roomClosed = 4410
    case tooManyMessages = 4429

    /// Whether a client does well to come back by itself. Where it does not, the same socket would be closed for the
    /// same reason, or, for `replaced`, take the session from its successor again.
    package var mayReconnect: Bool {
        switch self {
        case .goingAway, .internalError, .restarting, .timedOut, .tooManyMessages: true
        case .normal, .unsupportedFrame, .invalidText, .messageTooLarge, .badMessages, .unauthenticated, .forbidden,
            .replaced, .roomClosed:
            false
        }
    }

    /// A reason for the close frame, where none more exact is known. Fits the 123 bytes that a close frame has for it.
    package var reason: String {
        switch self {
        case .normal: "left"
        case .goingAway: "the server goes away"
        case .unsupportedFrame: "binary frames are not taken; send text frames"
        case .invalidText: "a text frame is not valid UTF-8"
        case .messageTooLarge: "a message is larger than the server takes"
        case .internalError: "the server made a mistake"
        case .restarting: "the server restarts"
        case .badMessages: "too many bad messages"
        case .unauthenticated: "not authenticated, or the token expired"
        case .forbidden: "not allowed"
        case .timedOut: "no join in time, or no sign of life"
        case .replaced: "another socket continues this session"
        case .roomClosed: "the room is closed"
        case .tooManyMessages: "too many messages"
        }
    }
}
