import NIOCore

/// A message for one connection or a few, framed once.
struct Letter: Sendable {
    /// The whole frame.
    let frame: ByteBuffer
    private let headerBytes: Int
    /// Does it tell the reader everything anew, so that what it missed no longer matters?
    let isSync: Bool

    init(payload: [UInt8], isSync: Bool = false) {
        frame = ServerFrame.make(payload: payload)
        headerBytes = ServerFrame.headerBytes(payload: payload.count)
        self.isSync = isSync
    }

    /// The JSON without its frame, for those who take several messages in one.
    var payload: ByteBufferView { frame.readableBytesView.dropFirst(headerBytes) }
}
