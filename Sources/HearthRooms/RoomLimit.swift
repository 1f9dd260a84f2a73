/// A limit of a room that an operator may set.
package struct RoomLimit: Sendable {
    /// As in `--limit room.cells_max=1000`.
    package let name: String
    /// A room that may have none of it could not work.
    package let least = 1
    private let path: any WritableKeyPath<RoomLimits, Int> & Sendable

    init(_ name: String, _ path: any WritableKeyPath<RoomLimits, Int> & Sendable) {
        self.name = "room." + name
        self.path = path
    }

    package func value(in limits: RoomLimits) -> Int { limits[keyPath: path] }
    func set(_ value: Int, in limits: inout RoomLimits) { limits[keyPath: path] = value }
}

extension RoomLimits {
    /// What an operator may set, by the names that the flag has for it.
    package static let settable: [RoomLimit] = [
        .init("sessions_max", \.sessionsMax), .init("mailbox_max", \.mailboxMax), .init("turn_max", \.turnMax),
        .init("nursery_max", \.nurseryMax), .init("waiting_max", \.waitingMax),
        .init("behind_wait_max", \.behindWaitMax), .init("backlog_max", \.backlogMax),
        .init("backlog_bytes_max", \.backlogBytesMax),
        .init("answers_max", \.answersMax), .init("timers_max", \.timersMax), .init("outgoing_max", \.outgoingMax),
        .init("cells_max", \.cellsMax), .init("name_max", \.nameMax),
    ]
}
