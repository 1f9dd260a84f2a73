import NIOCore

/// Puts the parts of one connection's turn together into one write.
///
/// The result is held ready in two forms, because a slow reader gets its own part without the audience's.
struct ParcelBuilder {
    private let isBatch: Bool
    /// nil for a connection without compression.
    private let pressing: Pressing?
    private var all = ByteBuffer()
    private var own = ByteBuffer()
    private var letters: [(letter: Letter, isPassing: Bool)] = []
    private var hasShared = false

    init(isBatch: Bool, pressing: Pressing? = nil) {
        self.isBatch = isBatch
        self.pressing = pressing
    }

    mutating func add(_ frames: SharedFrames, _ range: Range<Int>) {
        spill()
        frames.copy(range, pressing, into: &all)
        hasShared = true
    }

    /// - Parameter isPassing: whether it is worth nothing to a reader who is behind, and is left out for one.
    mutating func add(_ letter: Letter, isPassing: Bool = false) {
        letters.append((letter, isPassing))
        if hasShared || letters.count > 1 { spill() }
    }

    /// A single letter stays as it is; only in company is it copied.
    private mutating func spill() {
        for (letter, isPassing) in letters { append(letter, isPassing) }
        letters.removeAll(keepingCapacity: true)
    }

    private mutating func append(_ letter: Letter, _ isPassing: Bool) {
        hasShared = hasShared || isPassing
        if isBatch {
            all.writeBytes(letter.payload)
            all.writeInteger(UInt8(ascii: ","))
            if isPassing { return }
            own.writeBytes(letter.payload)
            own.writeInteger(UInt8(ascii: ","))
        } else {
            let frame = letter.frame(pressing)
            all.writeImmutableBuffer(frame)
            if !isPassing { own.writeImmutableBuffer(frame) }
        }
    }

    /// Appends what was gathered and begins anew.
    mutating func finish(into orders: inout [SocketOrder]) {
        defer { self = ParcelBuilder(isBatch: isBatch, pressing: pressing) }
        if let (letter, isPassing) = letters.first, letters.count == 1, all.readableBytes == 0 {
            let frame = letter.frame(pressing)
            return orders.append(.send(isPassing ? .shared(frame) : .own(frame)))
        }
        spill()
        guard all.readableBytes > 0 else { return }
        guard hasShared else { return orders.append(.send(.own(framed(all)))) }
        guard own.readableBytes > 0 else { return orders.append(.send(.shared(framed(all)))) }
        orders.append(.send(.mixed(framed(all), own: framed(own))))
    }

    /// Plain: the frames are there already. Batch: the texts become one array in one frame.
    private func framed(_ buffer: ByteBuffer) -> ByteBuffer {
        guard isBatch else { return buffer }
        let bytes = buffer.readableBytes
        var result = ByteBufferAllocator().buffer(capacity: bytes + 1 + ServerFrame.headerBytesMax)
        ServerFrame.writeHeader(payload: bytes + 1, into: &result)
        result.writeInteger(UInt8(ascii: "["))
        result.writeBytes(buffer.readableBytesView.dropLast())
        result.writeInteger(UInt8(ascii: "]"))
        guard let pressing else { return result }
        return pressing.press.press(
            result, windowBits: FramePress.windowBits(pressing.windowBits, for: bytes + 1))
    }
}
