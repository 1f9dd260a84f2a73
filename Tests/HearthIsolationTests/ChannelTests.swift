import CSandbox
import Foundation
import Testing

/// Two ends of a channel in one process, each used by a thread of its own.
final class ChannelPair: @unchecked Sendable {
    // @unchecked because: `parent` is used by the test's thread, `child` by the one that `answer` starts.
    let parent: OpaquePointer
    private(set) var child: OpaquePointer?
    /// A further mapping of what both share, for a hostile hand.
    let words: UnsafeMutablePointer<UInt32>
    private let done = DispatchSemaphore(value: 0)

    init() throws {
        var (own, theirs, memory) = (Int32(-1), Int32(-1), Int32(-1))
        try #require(channel_make(&own, &theirs, &memory) == 0)
        let mapped = try #require(mmap(nil, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, memory, 0))
        words = mapped.assumingMemoryBound(to: UInt32.self)
        let copy = dup(memory)
        parent = try #require(channel_open(own, memory, true))
        child = channel_open(theirs, copy, false)
    }

    deinit {
        channel_close(parent)
        if let child { channel_close(child) }
        munmap(words, 4096)
    }

    /// The child's side says hello and then sends back each message it gets, until its parent is gone or `count` came.
    func echo(count: Int, then end: @escaping @Sendable (ChannelPair) -> Void = { _ in }) {
        Thread.detachNewThread { [self] in
            channel_send(child, "hello", 5, nil, 0, 0)
            for _ in 0..<count {
                var bytes: UnsafePointer<UInt8>?
                var length = 0
                guard channel_receive(child, 0, .max, &bytes, &length) == Int32(CHANNEL_OK.rawValue) else { break }
                let copy = Array(UnsafeBufferPointer(start: bytes, count: length))
                channel_send(child, copy, copy.count, nil, 0, 0)
            }
            end(self)
            done.signal()
        }
    }

    func closeChild() {
        channel_close(child)
        child = nil
    }

    func waitForChild() { done.wait() }

    func receive(ms: UInt64 = 10_000, max: Int = 1 << 30) -> (status: Int32, bytes: [UInt8]) {
        var bytes: UnsafePointer<UInt8>?
        var length = 0
        let status = channel_receive(parent, channel_now() + ms * 1_000_000, max, &bytes, &length)
        guard status == Int32(CHANNEL_OK.rawValue) else { return (status, []) }
        return (status, Array(UnsafeBufferPointer(start: bytes, count: length)))
    }
}

#if os(Linux)
    @Suite struct `The channel to a recipe's process` {
        static let piece = Int(CHANNEL_PIECE_MAX)

        @Test(arguments: [0, 1, 100, piece - 1, piece, piece + 1, 2 * piece, 3 * piece + 7])
        func `messages of any length arrive whole`(length: Int) throws {
            let pair = try ChannelPair()
            pair.echo(count: 3)
            #expect(pair.receive().bytes == Array("hello".utf8))
            for round in 0..<3 {
                let body = (0..<length).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ round) }
                #expect(channel_send(pair.parent, "ab", 2, body, body.count, 0) == Int32(CHANNEL_OK.rawValue))
                #expect(pair.receive().bytes == Array("ab".utf8) + body)
            }
            pair.waitForChild()
        }

        @Test func `a message longer than allowed is refused`() throws {
            let pair = try ChannelPair()
            pair.echo(count: 0)
            #expect(pair.receive(max: 4).status == Int32(CHANNEL_TOO_LONG.rawValue))
            pair.waitForChild()
        }

        @Test func `a message that does not come is waited for until the deadline`() throws {
            let pair = try ChannelPair()
            let clock = ContinuousClock()
            let took = clock.measure { #expect(pair.receive(ms: 30).status == Int32(CHANNEL_TIMEOUT.rawValue)) }
            #expect(took >= .milliseconds(29))
        }

        @Test func `an answer after the deadline does not count, however often the other side knocks`() throws {
            let pair = try ChannelPair()
            pair.echo(count: 0)
            pair.waitForChild()
            #expect(pair.receive(ms: 0).status == Int32(CHANNEL_TIMEOUT.rawValue))
        }

        @Test func `what was written before the other side went still arrives`() throws {
            let pair = try ChannelPair()
            pair.echo(count: 0) { $0.closeChild() }
            pair.waitForChild()
            #expect(pair.receive().bytes == Array("hello".utf8))
            channel_send(pair.parent, "x", 1, nil, 0, 0)
            #expect(pair.receive().status == Int32(CHANNEL_CLOSED.rawValue))
            #expect(channel_is_closed(pair.parent))
        }

        @Test func `the other side's end wakes who sleeps`() throws {
            let pair = try ChannelPair()
            pair.echo(count: 1) { $0.closeChild() }
            _ = pair.receive()
            channel_send(pair.parent, "x", 1, nil, 0, 0)
            _ = pair.receive()
            channel_send(pair.parent, "x", 1, nil, 0, 0)
            #expect(pair.receive(ms: 60_000).status == Int32(CHANNEL_CLOSED.rawValue))
            pair.waitForChild()
        }

        /// Words of the shared memory by place: the turn, the sleepers, the length and the kind of piece.
        @Test(arguments: [(.max, 0), (1 << 31, 0), (5, 2), (5, 3), (5, .max), (5, 1)] as [(UInt32, UInt32)])
        func `words that make no sense are refused`(length: UInt32, piece: UInt32) throws {
            let pair = try ChannelPair()
            pair.echo(count: 0)
            pair.waitForChild()
            let lengthPlace = try #require((0..<256).first { pair.words[$0] == 5 })
            pair.words[lengthPlace] = length
            pair.words[lengthPlace + 1] = piece
            #expect(pair.receive().status == Int32(CHANNEL_MALFORMED.rawValue))
        }

        @Test func `the shared memory cannot be made shorter`() throws {
            var (own, theirs, memory) = (Int32(-1), Int32(-1), Int32(-1))
            try #require(channel_make(&own, &theirs, &memory) == 0)
            #expect(ftruncate(memory, 0) == -1 && errno == EPERM)
            for file in [own, theirs, memory] { close(file) }
        }
    }
#endif
