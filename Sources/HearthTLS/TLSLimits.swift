package import NIOCore

/// What a TLS connection may take.
package struct TLSLimits: Sendable {
    /// From the connection's beginning until the handshake is over. Longer: closed.
    package var handshakeTimeout = TimeAmount.seconds(10)
    /// How long a peer may take to answer our close_notify; then the connection is closed without it.
    package var closeTimeout = TimeAmount.seconds(1)
    /// Bytes written and not flushed at which they are encrypted all the same, so that whoever writes learns from the
    /// channel that it is full.
    package var unflushedBytesMax = 65_536
    /// Bytes that a peer may make us answer (alerts, new keys) while it takes nothing. More: closed.
    package var answerBytesMax = 65_536
    /// Bytes of a ClientHello. More: closed, before there is room made for it.
    package var helloBytesMax = 16_384
    /// Messages of a handshake (new keys, attempts to renegotiate) within a minute on a connection whose handshake is over:
    /// each costs ten times as much as a record of data. More: closed.
    package var messagesMax = 100
    /// What is sent in plain to a peer that speaks HTTP and no TLS; nil for nothing.
    package var answerToPlainHTTP: [UInt8]?

    package init() {}
}
