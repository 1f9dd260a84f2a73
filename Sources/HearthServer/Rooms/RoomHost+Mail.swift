import HearthRooms
import Logging
import NIOCore

/// Messages between rooms: each is taken to its room until that has it, its sender is told, and then its room that the sender
/// has noted it. What a room cannot take now waits for it in order.
extension RoomHost {
    /// A room that does not exist refuses it for good.
    func deliver(_ delivery: Delivery) {
        shard(of: delivery.to).run { shard in
            guard !shard.keepsMail(for: delivery.to) else { return shard.keep(delivery) }
            shard.open(delivery.to, .existing) { opened in
                switch opened {
                case .success(let driver) where !driver.isDraining: driver.handleLater(.delivery(delivery))
                case .failure(let refusal) where refusal.statusCode == 404:
                    self.logger.warning(
                        "message between rooms refused",
                        metadata: [
                            "room": "\(delivery.from)", "to": "\(delivery.to)", "event": "\(delivery.event)",
                            "cause": "\(refusal.message)",
                        ])
                    self.confirm(delivery)
                case .success, .failure: shard.run { $0.keep(delivery) }
                }
            }
        }
    }

    /// Tells the sender of a message that it has arrived.
    func confirm(_ delivery: Delivery) { tell(delivery.from, .outgoingDone(id: delivery.id)) }

    /// Tells a room that a delivery does not come again. It may go unheard: the room then remembers it for longer.
    func settle(_ id: String, in room: String) { tell(room, .settled(id: id)) }

    private func tell(_ room: String, _ input: RoomInput) {
        shard(of: room).run { shard in
            shard.open(room, .existing) { opened in
                if case .success(let driver) = opened { driver.handleLater(input) }
            }
        }
    }
}

extension RoomShard {
    func keepsMail(for room: String) -> Bool { mail[room] != nil }

    /// The sender keeps it for the next start as well.
    func keep(_ delivery: Delivery) {
        guard !host.isDraining else { return }
        if mail[delivery.to] == nil {
            loop.scheduleTask(in: .seconds(1)) { [self] in
                for kept in mail.removeValue(forKey: delivery.to) ?? [] { host.deliver(kept) }
            }
        }
        mail[delivery.to, default: []].append(delivery)
    }
}
