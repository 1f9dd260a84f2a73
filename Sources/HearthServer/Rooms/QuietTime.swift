import HearthStore
import NIOPosix

/// Tells when a server has nothing to do: then it can let go of what it keeps to be fast, and what a crowd has left behind
/// goes back to the system.
struct QuietTime {
    /// Looks without news after which it is quiet; and after as many more, again.
    static let looks = 5

    enum Finding: Equatable { case busy, quietNow, stillQuiet }

    private var work = 0
    private var looksWithoutNews = 0

    /// Looks once more; for about once a second.
    ///
    /// - Parameter work: how much was ever done.
    /// - Returns: `quietNow` once in each quiet time, then `stillQuiet` now and then; `busy` otherwise.
    mutating func look(at work: Int) -> Finding {
        guard work == self.work else {
            self.work = work
            looksWithoutNews = 0
            return .busy
        }
        looksWithoutNews += 1
        guard looksWithoutNews % Self.looks == 0 else { return .busy }
        return looksWithoutNews == Self.looks ? .quietNow : .stillQuiet
    }
}

extension RoomHost {
    /// Grows with all that is done for clients and for rooms.
    var work: Int {
        counters.socketsOpened.now + counters.messagesReceived.now + counters.framesDelivered.now
            + writer.counters.batches
    }

    /// Lets go of what only makes the next work faster.
    ///
    /// Rooms fall asleep in the middle of a quiet time, so what is free is given back again and again.
    func rest(_ finding: QuietTime.Finding) {
        guard finding != .busy else { return }
        readers.submit { [store] _ in
            if finding == .quietNow { store.releaseMemory() }
            Allocator.clearThreadCache()
            Allocator.giveBackNow()
        }
    }
}
