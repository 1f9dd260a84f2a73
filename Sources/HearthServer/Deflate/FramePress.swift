import NIOCore
import NIOWebSocket

/// Presses a server's messages into compressed frames that fit every peer, whatever it has seen before.
///
/// Serves all sockets of one event loop: compressors are kept for each window, not for each socket, and made when they
/// are first needed.
final class FramePress {
    /// Bytes of a message under which it is sent as it is.
    let messageBytesMin: Int
    private var deflaters: [Int: Deflater] = [:]

    init(messageBytesMin: Int) { self.messageBytesMin = max(1, messageBytesMin) }

    /// The window that matters for a message: one that is larger than the message does not.
    ///
    /// What is pressed for one window fits all peers for which this is the same.
    static func windowBits(_ agreed: Int, for longest: Int) -> Int { longest <= 1 << agreed ? 15 : agreed }

    /// Appends a text message as a frame: compressed where that is shorter.
    ///
    /// - Complexity: O(bytes).
    func append(_ payload: ByteBuffer, windowBits: Int, into target: inout ByteBuffer) {
        let start = target.writerIndex
        if payload.readableBytes >= messageBytesMin, let pressed = press(payload, windowBits) {
            ServerFrame.writeHeader(payload: pressed.readableBytes, isCompressed: true, into: &target)
            target.writeImmutableBuffer(pressed)
        }
        guard target.writerIndex == start else { return }
        ServerFrame.writeHeader(payload: payload.readableBytes, into: &target)
        target.writeImmutableBuffer(payload)
    }

    private func press(_ payload: ByteBuffer, _ windowBits: Int) -> ByteBuffer? {
        guard let deflater = deflater(windowBits) else { return nil }
        var pressed = ByteBufferAllocator().buffer(capacity: payload.readableBytes / 2 + 64)
        let isPressed = payload.withUnsafeReadableBytes {
            deflater.deflate($0, into: &pressed, keepsHistory: false)
        }
        if !isPressed { deflaters[windowBits] = nil }
        return isPressed && pressed.readableBytes < payload.readableBytes ? pressed : nil
    }

    private func deflater(_ windowBits: Int) -> Deflater? {
        if let deflater = deflaters[windowBits] { return deflater }
        let deflater = Deflater(windowBits: windowBits)
        deflaters[windowBits] = deflater
        return deflater
    }

    /// Whole text frames, each message compressed where that is shorter.
    ///
    /// - Parameter onFrame: told where each frame ends, before and after.
    func press(
        _ frames: ByteBuffer, windowBits: Int, onFrame: (_ plain: Int, _ pressed: Int) -> Void = { _, _ in }
    ) -> ByteBuffer {
        var rest = frames
        var pressed = ByteBufferAllocator().buffer(capacity: frames.readableBytes / 2 + 64)
        while let payload = ServerFrame.readPayload(&rest) {
            append(payload, windowBits: windowBits, into: &pressed)
            onFrame(frames.readableBytes - rest.readableBytes, pressed.readableBytes)
        }
        return pressed
    }
}

/// How a socket's messages are pressed: by its loop's press, for its window.
struct Pressing {
    let press: FramePress
    let windowBits: Int

    func frame(_ payload: ByteBuffer) -> ByteBuffer {
        var target = ByteBufferAllocator().buffer(capacity: payload.readableBytes / 2 + 64)
        press.append(payload, windowBits: windowBits, into: &target)
        return target
    }
}
