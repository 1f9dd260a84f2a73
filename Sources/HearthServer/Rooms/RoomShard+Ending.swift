import HearthRooms
import HearthStore
import Logging
import NIOCore

/// How rooms go: to sleep, for good, and with the server.
extension RoomShard {
    func forget(_ driver: RoomDriver) {
        driver.forget()
        guard rooms[driver.room] === driver else { return }
        rooms[driver.room] = nil
        host.counters.roomsAwake.add(-1)
        if !driver.isAtRest { lingering.append(driver) }
        letGo(driver.room)
    }

    /// Deletes a room: its work ends, the disk forgets it, and only then are those who are there sent away.
    func delete(_ room: String, then done: @escaping @Sendable (Refusal?) -> Void) {
        open(room, .existing) { opened in
            switch opened {
            case .failure(let refusal): done(refusal)
            case .success(let driver):
                driver.drain {
                    let home = driver.home
                    var write = RoomWrite(room: room)
                    write.deleteRoom = true
                    home.host.writer.submit(write) { result in
                        home.run { $0.reach(room) { $0.deleted(driver, result, then: done) } }
                    }
                }
            }
        }
    }

    private func deleted(
        _ driver: RoomDriver, _ result: Result<Void, StoreError>, then done: @Sendable (Refusal?) -> Void
    ) {
        switch result {
        case .success:
            driver.endDeleted()
            forget(driver)
            host.counters.roomsStored.add(-1)
            host.logger.info("room deleted", metadata: ["room": "\(driver.room)"])
            done(nil)
        case .failure(let error):
            if !host.isDraining { driver.endDraining() }
            done(
                Refusal(
                    statusCode: 503, code: "storage_unavailable", message: error.message, retryAfter: 1))
        }
    }

    /// Puts rooms to sleep that nobody has used for a while; those that have fallen silent let go of what is old.
    func sweep() {
        lingering.removeAll { $0.isAtRest }
        let now = WallClock.nowMs()
        let idleMs = host.isCrowded ? 0 : host.idleMs
        for driver in Array(rooms.values) {
            if driver.maySleep(now: now, idleMs: idleMs) {
                forget(driver)
            } else if driver.machine.isHoldingOld(at: now) {
                driver.tick()
            }
        }
        sendHome()
        Allocator.clearThreadCache()
    }

    /// Ends every room's work and sends everyone away; `done` follows when the last room is quiet.
    func drain(retryAfterMs: Int64, then done: @escaping @Sendable () -> Void) {
        loop.preconditionInEventLoop()
        let drivers = Array(rooms.values)
        var left = drivers.count
        if left == 0 { return done() }
        for driver in drivers {
            driver.drain {
                driver.handle(.close(.restarting(retryAfterMs: retryAfterMs)))
                left -= 1
                if left == 0 { self.loop.execute { done() } }
            }
        }
    }
}
