import Foundation
import NIOCore
import NIOPosix

/// One event loop of low priority, for the rooms of recipes that keep theirs busy. See Docs/decisions/0013.
struct SlowLane {
    private let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)

    init() {
        loop.execute {
            #if os(Linux)
                // Of the calling thread alone. Whoever shares the processor with it goes first.
                setpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0, 5)
            #endif
        }
    }

    var loop: any EventLoop { group.any() }

    func stop() async { try? await group.shutdownGracefully() }

    /// How long an event may compute on a loop that it shares with others. It is laid by then, and runs again in the slow lane.
    static let sliceMs: UInt64 = 10
    /// The same in nanoseconds.
    static let slice = sliceMs * 1_000_000
}
