import HearthRooms
import Logging
import NIOCore

/// The end of a turn: one write and one flush for each socket that has anything coming.
extension RoomDriver {
    func flush() {
        guard !touched.isEmpty || !addressed.isEmpty else { return }
        var elsewhere = Mailbags()
        for audience in touched { fanOut(audience, &elsewhere) }
        for seat in addressed { deliver(seat.takeOrders(shard.press), to: seat, &elsewhere) }
        addressed.removeAll(keepingCapacity: true)
        for audience in touched { (audience.scratch as? SharedFrames)?.reset() }
        touched.removeAll(keepingCapacity: true)
        elsewhere.dispatch()
    }

    /// - Complexity: O(members); nothing is allocated for a member on this loop.
    private func fanOut(_ audience: Audience, _ elsewhere: inout Mailbags) {
        guard let frames = audience.scratch as? SharedFrames else { return }
        let whole = frames.whole()
        let press = shard.press
        host.counters.framesDelivered.add(audience.connections.count)
        for connection in audience.connections {
            guard let seat = seat(connection), seat.own.isEmpty else { continue }
            let bytes = seat.pressing(press).map(frames.whole) ?? whole
            if seat.socketLoop === loop {
                let socket = seat.socket.value
                socket.send(.shared(bytes))
                socket.flushIfNeeded()
            } else {
                elsewhere.add([.send(.shared(bytes))], for: seat)
            }
        }
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
