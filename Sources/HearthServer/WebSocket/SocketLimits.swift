import NIOCore

/// What one WebSocket may do and for how long.
struct SocketLimits: Sendable {
    /// Bytes of one message from a client, over all of its fragments. Larger: close 1009.
    var messageBytesMax = 1 << 20
    /// Whether binary messages are taken. If not: close 1003.
    var acceptsBinary = false
    /// Unsent bytes above which a reader counts as slow: its commits are dropped until it has drained.
    var lagBytesMax = 1 << 20
    /// How long a client may take until its `join`. Later: close 4408.
    var joinTimeout = TimeAmount.seconds(10)
    /// How often the server sends a ping.
    var heartbeat = TimeAmount.seconds(25)
    /// How long a socket may be silent. Longer: close 4408.
    var heartbeatTimeout = TimeAmount.seconds(60)
    /// How long a client may take to answer the server's close frame; then the socket is closed without it.
    var closeTimeout = TimeAmount.seconds(5)
    /// The same while the server restarts: nobody who has gone may hold it up.
    var restartTimeout = TimeAmount.seconds(1)
    /// Messages within a minute that make no sense. One more: close 4400.
    var badMessagesMax = 10
    /// Events within a minute that were refused with `rate_limited`. One more: close 4429.
    var rateLimitedMax = 100

    init() {}

    func rules(_ agreement: DeflateAgreement?) -> MessageRules {
        MessageRules(messageBytesMax: messageBytesMax, acceptsBinary: acceptsBinary, agreement: agreement)
    }
}
