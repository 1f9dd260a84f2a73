import HearthValues
import HearthWire
import Logging
import NIOCore
import NIOEmbedded
import NIOWebSocket

@testable import HearthServer

/// Notes what a socket tells it.
final class RecordingDelegate: SocketDelegate {
    var messages: [String] = []
    var drained = 0
    var closings: [Closing] = []

    func socket(_ socket: SocketHandler, received message: ByteBuffer, _ kind: WebSocketOpcode) {
        messages.append(String(buffer: message))
    }
    func socketDrained(_ socket: SocketHandler) { drained += 1 }
    func socketClosed(_ socket: SocketHandler, because closing: Closing) { closings.append(closing) }
    func farewell(for closing: Closing) -> [UInt8]? {
        var sink = ByteSink()
        Outgoing.bye(closing, into: &sink)
        return sink.bytes
    }
}

/// A socket on an embedded channel, with a client's side that speaks in frames.
final class SocketBench {
    let channel = EmbeddedChannel()
    let delegate = RecordingDelegate()
    let socket: SocketHandler

    init(agreement: DeflateAgreement? = nil, _ change: (inout SocketLimits) -> Void = { _ in }) throws {
        var limits = SocketLimits()
        limits.messageBytesMax = 1_024
        change(&limits)
        socket = SocketHandler(
            limits: limits, agreement: agreement, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
            delegate: delegate)
        try channel.pipeline.syncOperations.addHandler(socket)
        try channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1)).wait()
    }

    /// A client's frame: masked.
    static func frame(_ opcode: WebSocketOpcode, _ payload: [UInt8], fin: Bool = true, mask: [UInt8] = [1, 2, 3, 254])
        -> [UInt8]
    {
        var bytes = [(fin ? 0x80 : 0) | UInt8(webSocketOpcode: opcode)]
        if payload.count < 126 {
            bytes.append(0x80 | UInt8(payload.count))
        } else {
            bytes += [0x80 | 126, UInt8(payload.count >> 8), UInt8(payload.count & 255)]
        }
        return bytes + mask + payload.enumerated().map { $1 ^ mask[$0 % 4] }
    }

    static func text(_ text: String, fin: Bool = true) -> [UInt8] { frame(.text, Array(text.utf8), fin: fin) }

    func receive(_ bytes: [UInt8]) throws { try channel.writeInbound(ByteBuffer(bytes: bytes)) }

    /// What the socket has sent since the last call, as frames.
    func sent() throws -> [SentFrame] {
        var all = ByteBuffer()
        while var part = try channel.readOutbound(as: ByteBuffer.self) { all.writeBuffer(&part) }
        return try SentFrame.all(in: all)
    }
}

/// A server's frame, read again.
struct SentFrame: Equatable {
    var opcode: WebSocketOpcode
    /// Inflated where it was compressed.
    var payload: [UInt8]
    var isCompressed = false

    var text: String { String(decoding: payload, as: UTF8.self) }
    /// A close frame's code.
    var code: UInt16 { payload.count < 2 ? 0 : UInt16(payload[0]) << 8 | UInt16(payload[1]) }

    struct Malformed: Error {}

    /// - Parameter windowBits: the window of a reader without history.
    static func all(in buffer: ByteBuffer, windowBits: Int = 15) throws -> [SentFrame] {
        var buffer = buffer
        var frames: [SentFrame] = []
        while let first = buffer.readInteger(as: UInt8.self) {
            guard let opcode = WebSocketOpcode(encodedWebSocketOpcode: first & 0x0F), first & 0xB0 == 0x80,
                let short = buffer.readInteger(as: UInt8.self), short < 128
            else { throw Malformed() }
            let length: Int? =
                switch short {
                case 126: buffer.readInteger(as: UInt16.self).map(Int.init)
                case 127: buffer.readInteger(as: UInt64.self).map(Int.init)
                default: Int(short)
                }
            guard let length, let payload = buffer.readBytes(length: length) else { throw Malformed() }
            guard first & 0x40 != 0 else {
                frames.append(SentFrame(opcode: opcode, payload: payload))
                continue
            }
            var inflated = ByteBuffer()
            try Inflater(windowBits: windowBits).inflate(
                ByteBuffer(bytes: payload + [0, 0, 0xFF, 0xFF]), into: &inflated, bytesMax: 1 << 24)
            frames.append(SentFrame(opcode: opcode, payload: Array(inflated.readableBytesView), isCompressed: true))
        }
        return frames
    }
}
