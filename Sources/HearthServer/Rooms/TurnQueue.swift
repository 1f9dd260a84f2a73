import Foundation
import NIOCore
import NIOPosix

/// The turns of rooms that have more to do than one turn takes: a slice of them, then the loop's sockets, and so on.
///
/// A task of the loop would not do. The loop runs every task that is due before it looks at its sockets, and while one
/// room's turn runs those of others become due: two busy rooms kept all sockets waiting for ever. So the queue rings a
/// bell for itself, a byte in a pipe, which the loop hears once a round, as one socket among the others.
final class TurnQueue: @unchecked Sendable {
    // @unchecked because everything but `init` and `deinit` happens on `loop`, which each entry checks.
    /// How long the turns between two looks at the sockets may take together; the last one may take longer.
    let slice: TimeAmount
    private let loop: any EventLoop
    private var waiting = CircularBuffer<() -> Void>()
    private var isRung = false
    /// Where the bell is rung.
    private let button: CInt

    /// - Throws: `ServerError` when the process may open no more files.
    init(loop: any EventLoop, slice: TimeAmount = .milliseconds(10)) throws {
        self.loop = loop
        self.slice = slice
        var ends: [CInt] = [0, 0]
        guard pipe(&ends) == 0 else { throw ServerError("No more files may be opened; raise the limit (ulimit -n).") }
        button = ends[1]
        let bell = ends[0]
        NIOPipeBootstrap(group: loop)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.syncOptions?.setOption(.maxMessagesPerRead, value: 1)
                    try channel.pipeline.syncOperations.addHandler(TurnBell(self))
                }
            }
            .takingOwnershipOfDescriptor(input: bell)
            .whenFailure { _ in close(bell) }
    }

    deinit { close(button) }

    /// Runs `turn` after the loop's next look at its sockets, behind those that wait already.
    func add(_ turn: @escaping () -> Void) {
        loop.preconditionInEventLoop()
        waiting.append(turn)
        ring()
    }

    private func ring() {
        guard !isRung else { return }
        isRung = true
        // Never blocks: there is at most one byte in the pipe.
        var byte: UInt8 = 0
        write(button, &byte, 1)
    }

    fileprivate func runSlice() {
        isRung = false
        let end = NIODeadline.now() + slice
        // Who joins the queue meanwhile is for the next round.
        for _ in 0..<waiting.count {
            waiting.removeFirst()()
            if NIODeadline.now() >= end { break }
        }
        if !waiting.isEmpty { ring() }
    }
}

private final class TurnBell: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private weak var queue: TurnQueue?

    init(_ queue: TurnQueue) { self.queue = queue }

    func channelReadComplete(context: ChannelHandlerContext) { queue?.runSlice() }
}
