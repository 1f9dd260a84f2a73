import HearthRooms

/// How many rooms there may be.
extension RoomHost {
    /// Why one more room is not read into memory; nil when it may be.
    ///
    /// - Parameter count: rooms of one loop that are on their way there.
    func refusalToWake(loading count: Int) -> Refusal? {
        let max = traffic.roomsAwakeMax
        guard max > 0, counters.roomsAwake.now + count >= max else { return nil }
        return .tooManyAwake(max)
    }

    /// Rooms that nobody is in are put to sleep at once when others may soon find no place.
    var isCrowded: Bool { traffic.roomsAwakeMax > 0 && counters.roomsAwake.now >= traffic.roomsAwakeMax / 10 * 9 }

    /// Counts a room that is about to be made; `counters.roomsUnderWay` is to go down when that has ended.
    ///
    /// - Throws: 503 when there are as many as there may be.
    func reserveRoom() throws(Refusal) {
        counters.roomsUnderWay.add()
        guard traffic.roomsMax > 0, counters.roomsStored.now + counters.roomsUnderWay.now > traffic.roomsMax else {
            return
        }
        counters.roomsUnderWay.add(-1)
        throw .tooManyRooms(traffic.roomsMax)
    }
}
