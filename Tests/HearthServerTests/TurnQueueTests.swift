import Foundation
import NIOCore
import NIOPosix
import Testing

@testable import HearthServer

@Suite struct `The turns of busy rooms` {
    /// Counts what happens on one loop: looks at a socket, and turns between them.
    private final class Watch: ChannelInboundHandler, @unchecked Sendable {
        // @unchecked because it is only touched on its loop; the test reads it when that has ended.
        typealias InboundIn = ByteBuffer

        let queue: TurnQueue
        let looksMax: Int
        var looks = 0
        var turns: [Int] = []
        var turnsInARow = 0
        var longestRow = 0
        var whenSeen: EventLoopPromise<Void>?

        init(_ queue: TurnQueue, looksMax: Int) {
            self.queue = queue
            self.looksMax = looksMax
        }

        /// A room that always has more to do: its turn takes a while and asks for the next.
        func work(_ room: Int) {
            guard looks < looksMax, turnsInARow < 500 else {
                whenSeen?.succeed()
                return
            }
            let end = NIODeadline.now() + .milliseconds(2)
            while NIODeadline.now() < end {}
            turns[room] += 1
            turnsInARow += 1
            longestRow = max(longestRow, turnsInARow)
            queue.add { self.work(room) }
        }

        /// A socket that always has something to read.
        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            looks += 1
            turnsInARow = 0
            if looks == looksMax { whenSeen?.succeed() }
            context.writeAndFlush(data, promise: nil)
        }
    }

    /// With a task of the loop for each turn the sockets waited for ever as soon as there were two rooms: while one had its
    /// turn, the other became due.
    @Test(arguments: [1, 2, 10])
    func `leave the loop to its sockets in between, and get one each`(rooms: Int) async throws {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let loop = group.next()
        let watch = Watch(try TurnQueue(loop: loop, slice: .milliseconds(5)), looksMax: 40)
        var ends: [CInt] = [0, 0]
        try #require(pipe(&ends) == 0)
        let (input, output) = (ends[0], ends[1])
        _ = try await NIOPipeBootstrap(group: loop)
            .channelInitializer { $0.pipeline.addHandler(watch) }
            .takingOwnershipOfDescriptors(input: input, output: output).get()
        let seen = loop.makePromise(of: Void.self)
        loop.execute {
            watch.whenSeen = seen
            watch.turns = Array(repeating: 0, count: rooms)
            for room in 0..<rooms { watch.queue.add { watch.work(room) } }
            var byte: UInt8 = 1
            write(output, &byte, 1)
        }
        try await seen.futureResult.get()
        try await group.shutdownGracefully()
        #expect(watch.longestRow <= 6, "at most two slices of three turns")
        let (fewest, most) = (watch.turns.min() ?? 0, watch.turns.max() ?? 0)
        #expect(fewest > 0 && most - fewest <= 1)
    }
}
