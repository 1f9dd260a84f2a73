import HearthRooms
import Logging
import NIOCore

/// The end of a turn: one write and one flush for each socket that has anything coming.
///
/// Who is answered comes first. When a single message goes to many, the others get it in shares, and between two shares
/// the loop looks at its sockets: what the one who was answered sends next runs, and is on its way to the disk, while
/// the rest of the room is still being told of the message before.
extension RoomDriver {
    /// How many sockets are written to between two looks at the sockets.
    private static let share = 24

    func flush() {
        guard !touched.isEmpty || !addressed.isEmpty else { return }
        finishFanOut()
        var elsewhere = Mailbags()
        for seat in addressed {
            deliver(seat.takeOrders(shard.press), to: seat, &elsewhere)
            seat.isServed = true
        }
        for audience in touched { fanOut(audience, &elsewhere) }
        for seat in addressed { seat.isServed = false }
        addressed.removeAll(keepingCapacity: true)
        for audience in touched { (audience.scratch as? SharedFrames)?.reset() }
        touched.removeAll(keepingCapacity: true)
        elsewhere.dispatch()
        if !untold.seats.isEmpty { isDraining ? finishFanOut() : tellLater() }
    }

    /// - Complexity: O(members); nothing is allocated for a member on this loop.
    private func fanOut(_ audience: Audience, _ elsewhere: inout Mailbags) {
        guard let frames = audience.scratch as? SharedFrames else { return }
        let whole = frames.whole()
        let press = shard.press
        host.counters.framesDelivered.add(audience.connections.count)
        // Several messages at once are a room that is busy: the fewer writes the better then.
        let mayWait = touched.count == 1 && frames.isSingle && !addressed.isEmpty
        var told = 0
        for connection in audience.connections {
            guard let seat = seat(connection), !seat.isServed else { continue }
            let bytes = seat.pressing(press).map(frames.whole) ?? whole
            if seat.socketLoop !== loop {
                elsewhere.add([.send(.shared(bytes))], for: seat)
            } else if mayWait, told >= Self.share {
                untold.seats.append((seat, bytes))
            } else {
                told += 1
                tell(seat, bytes)
            }
        }
    }

    private func tell(_ seat: Seat, _ frames: ByteBuffer) {
        let socket = seat.socket.value
        socket.send(.shared(frames))
        socket.flushIfNeeded()
    }

    /// The next share goes out after the loop's next look at its sockets.
    private func tellLater() {
        guard !untold.isScheduled else { return }
        untold.isScheduled = true
        shard.turns.add { [self, stay] in
            guard !stay.isOver else { return }
            untold.isScheduled = false
            tellUntold(atMost: Self.share)
            if !untold.seats.isEmpty { tellLater() } else { goOn() }
        }
    }

    /// Tells everybody who is still to be told: nothing that comes later may overtake it.
    func finishFanOut() { tellUntold(atMost: untold.seats.count) }

    private func tellUntold(atMost count: Int) {
        for (seat, frames) in untold.seats.suffix(count) where !seat.isGone { tell(seat, frames) }
        untold.seats.removeLast(min(count, untold.seats.count))
    }

    private func deliver(_ orders: [SocketOrder], to seat: Seat, _ elsewhere: inout Mailbags) {
        guard !seat.isGone else { return }
        if seat.socketLoop === loop {
            seat.socket.value.carryOut(orders)
        } else {
            elsewhere.add(orders, for: seat)
        }
    }
}

/// Those who have yet to get a message that others of the room have got.
struct Untold {
    var seats: [(Seat, ByteBuffer)] = []
    var isScheduled = false
}

/// What goes to sockets on other event loops: one hop per loop and turn.
struct Mailbags {
    private struct Bag {
        let loop: any EventLoop
        var contents: [(NIOLoopBound<SocketHandler>, [SocketOrder])] = []
    }

    private var bags: [Bag] = []

    mutating func add(_ orders: [SocketOrder], for seat: Seat) {
        if let index = bags.firstIndex(where: { $0.loop === seat.socketLoop }) {
            bags[index].contents.append((seat.socket, orders))
        } else {
            bags.append(Bag(loop: seat.socketLoop, contents: [(seat.socket, orders)]))
        }
    }

    func dispatch() {
        for bag in bags {
            let contents = bag.contents
            bag.loop.execute {
                for (socket, orders) in contents { socket.value.carryOut(orders) }
            }
        }
    }
}

extension SocketHandler {
    /// Does what the room wants done, then flushes once.
    func carryOut(_ orders: [SocketOrder]) {
        for order in orders {
            switch order {
            case .send(let parcel): send(parcel)
            case .joined(let session): logger[metadataKey: "session"] = "\(session)"
            case .rateLimited: noteRateLimited()
            case .badMessage: noteBadMessage()
            case .cut: cut()
            case .close(let closing): close(closing, farewell: false)
            }
        }
        flushIfNeeded()
    }
}
