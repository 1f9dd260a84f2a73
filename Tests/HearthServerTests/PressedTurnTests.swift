import NIOCore
import NIOEmbedded
import NIOWebSocket
import Testing

@testable import HearthRooms
@testable import HearthServer

/// What one connection gets of a turn must be the same with compression and without.
@Suite struct `A compressed turn` {
    /// Short and long ones; two kilobytes that repeat are longer than the smallest windows.
    private static let messages = ["1", "\"\(String(repeating: "abc", count: 300))\"", "2", "[\(numbers)]", "3"]
    private static let numbers = (0..<900).map { "\($0 * 7919 % 1009)" }.joined(separator: ",")

    private func seat(batch: Bool, windowBits: Int?) throws -> (SharedFrames, Seat) {
        let frames = SharedFrames(isBatch: batch)
        let audience = Audience(key: AudienceKey(state: .full, batch: batch, viewer: .stranger))
        audience.scratch = frames
        let bench = try SocketBench()
        let seat = Seat(
            room: "r", trace: "t", remote: "-", socket: NIOLoopBound(bench.socket, eventLoop: bench.channel.eventLoop),
            socketLoop: bench.channel.eventLoop, windowBits: windowBits)
        seat.audience = audience
        seat.isBatch = batch
        return (frames, seat)
    }

    /// What a seat is sent that got a letter before each third message.
    private func parcels(batch: Bool, windowBits: Int?, _ press: FramePress) throws -> [[SentFrame]] {
        let (frames, seat) = try seat(batch: batch, windowBits: windowBits)
        for (index, message) in Self.messages.enumerated() {
            if index % 3 == 0 {
                let letter = Letter(payload: Array("{\"ack\":\(Self.messages[1])}".utf8), isSync: index == 3)
                seat.own.append((frames.position, .letter(letter)))
            }
            frames.append(Array(message.utf8))
        }
        let bits = windowBits ?? 15
        return try seat.takeOrders(press).map { order in
            guard case .send(let parcel) = order else { return [] }
            switch parcel {
            case .shared(let frames), .own(let frames), .sync(let frames):
                return try SentFrame.all(in: frames, windowBits: bits)
            case .mixed(let all, let own):
                return try SentFrame.all(in: all, windowBits: bits) + SentFrame.all(in: own, windowBits: bits)
            }
        }
    }

    @Test(arguments: [8, 9, 12, 15], [false, true]) func `says the same as one that is not`(bits: Int, batch: Bool)
        throws
    {
        let press = FramePress(messageBytesMin: 200)
        let plain = try parcels(batch: batch, windowBits: nil, press)
        let pressed = try parcels(batch: batch, windowBits: bits, press)
        #expect(pressed.map { $0.map(\.text) } == plain.map { $0.map(\.text) })
        #expect(pressed.joined().contains { $0.isCompressed })
        #expect(pressed.joined().allSatisfy { !$0.isCompressed || $0.payload.count >= 200 })
        #expect(!plain.joined().contains { $0.isCompressed })
    }

    @Test(arguments: [8, 9, 12, 15], [false, true]) func `reaches an audience whole`(bits: Int, batch: Bool) throws {
        let (frames, _) = try seat(batch: batch, windowBits: bits)
        for message in Self.messages { frames.append(Array(message.utf8)) }
        let pressing = Pressing(press: FramePress(messageBytesMin: 200), windowBits: bits)
        let pressed = frames.whole(pressing)
        let plain = frames.whole()
        #expect(try SentFrame.all(in: pressed, windowBits: bits).map(\.text) == SentFrame.all(in: plain).map(\.text))
        #expect(pressed.readableBytes < plain.readableBytes)
        #expect(frames.whole(pressing) == pressed)

        frames.reset()
        frames.append(Array("again".utf8))
        #expect(try SentFrame.all(in: frames.whole(pressing)).map(\.text) == ["again"])
    }

    @Test func `is left alone where nothing would be shorter`() throws {
        let (frames, _) = try seat(batch: false, windowBits: 15)
        var state: UInt32 = 1
        let noise = (0..<600).map { _ in
            state = state &* 1_664_525 &+ 1_013_904_223
            return UInt8(state >> 24)
        }
        frames.append(noise)
        frames.append(Array("short".utf8))
        #expect(frames.whole(Pressing(press: FramePress(messageBytesMin: 1), windowBits: 15)) == frames.whole())
    }

    @Test func `is one and the same for all windows that are as long as its messages`() {
        #expect([10, 11, 12, 15].map { FramePress.windowBits($0, for: 1_000) } == [15, 15, 15, 15])
        #expect([8, 9].map { FramePress.windowBits($0, for: 1_000) } == [8, 9])
    }
}
