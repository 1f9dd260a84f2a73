import NIOCore

/// A message for one connection or a few, framed once; pressed once as well for each window.
final class Letter {
    /// The whole frame.
    let frame: ByteBuffer
    private let headerBytes: Int
    /// Does it tell the reader everything anew, so that what it missed no longer matters?
    let isSync: Bool
    private var pressed: [Int: ByteBuffer] = [:]

    init(payload: [UInt8], isSync: Bool = false) {
        frame = ServerFrame.make(payload: payload)
        headerBytes = ServerFrame.headerBytes(payload: payload.count)
        self.isSync = isSync
    }

    /// The JSON without its frame, for those who take several messages in one.
    var payload: ByteBufferView { frame.readableBytesView.dropFirst(headerBytes) }

    /// The frame as this connection gets it.
    ///
    /// - Parameter pressing: nil for a connection without compression.
    func frame(_ pressing: Pressing?) -> ByteBuffer {
        let bytes = frame.readableBytes - headerBytes
        guard let pressing, bytes >= pressing.press.messageBytesMin else { return frame }
        let bits = FramePress.windowBits(pressing.windowBits, for: bytes)
        if let known = pressed[bits] { return known }
        let made = pressing.press.press(frame, windowBits: bits)
        pressed[bits] = made
        return made
    }
}
