import Logging
import NIOCore
import NIOEmbedded
import Testing

@testable import HearthServer

@Suite struct `A quiet time` {
    @Test func `begins when nothing was done for a while, and goes on until something is`() {
        var quiet = QuietTime()
        #expect(quiet.look(at: 7) == .busy)
        let first = (1...3 * QuietTime.looks).map { _ in quiet.look(at: 7) }
        for (index, finding) in first.enumerated() {
            let isTurn = (index + 1) % QuietTime.looks == 0
            #expect(finding == (isTurn ? index + 1 == QuietTime.looks ? .quietNow : .stillQuiet : .busy))
        }
        #expect(quiet.look(at: 8) == .busy)
        #expect((1...QuietTime.looks).map { _ in quiet.look(at: 8) }.last == .quietNow)
    }

    @Test func `does not come to who has a little to do all the time`() {
        var quiet = QuietTime()
        for work in 1...100 {
            for _ in 1..<QuietTime.looks { #expect(quiet.look(at: work) == .busy) }
        }
    }
}

@Suite struct `A server that ends` {
    private func turnstile() throws -> Turnstile {
        try Turnstile(TrafficLimits(), counters: ServerCounters(), logger: Logger(label: "test"))
    }

    @Test func `waits for the connections of sockets, and for no others`() async throws {
        let turnstile = try turnstile()
        await turnstile.awaitLastSocket()
        let (socket, request) = (NIOAsyncTestingChannel(), NIOAsyncTestingChannel())
        let visit = try #require(turnstile.enter(socket))
        _ = try #require(turnstile.enter(request))
        try visit.takeSocket()
        await withTaskGroup { group in
            let (waiting, begun) = AsyncStream<Void>.makeStream()
            group.addTask {
                begun.yield()
                await turnstile.awaitLastSocket()
            }
            for await _ in waiting { break }
            try? await socket.close()
            await group.waitForAll()
        }
        #expect(turnstile.sample.connections == 1)
        try await request.close()
    }

    @Test func `waits for none when it is told to end at once`() async throws {
        let turnstile = try turnstile()
        let channel = NIOAsyncTestingChannel()
        let visit = try #require(turnstile.enter(channel))
        try visit.takeSocket()
        let end = Task { await turnstile.awaitLastSocket() }
        end.cancel()
        await end.value
        try await channel.close()
    }
}
