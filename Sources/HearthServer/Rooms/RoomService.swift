import Dispatch
import HearthStore
import Logging
import NIOCore
import NIOPosix
import ServiceLifecycle

/// The rooms' part in the life of the process: waking those with work from before, looking after sleepers, and the end.
struct RoomService: Service {
    let host: RoomHost
    let configuration: ServerConfiguration

    func run() async throws {
        let tasks = [(host.shards, TimeAmount.seconds(5)), (host.lanes, .seconds(1))].flatMap { shards, pause in
            shards.map { shard in
                shard.loop.scheduleRepeatedTask(initialDelay: pause, delay: pause) { _ in shard.sweep() }
            }
        }
        let lag = host.shards.map { watchLag(of: $0.loop) }
        await cancelWhenGracefulShutdown { await watchSleepers() }
        for task in tasks + lag { task.cancel() }
        await leave()
        await drain()
    }

    /// Opens sleeping rooms whose timers are due, and once, at the start, those with messages still to be delivered.
    private func watchSleepers() async {
        var after: String?
        repeat {
            let from = after
            guard
                let rooms = try? await host.read({ store throws(StoreError) in
                    try store.roomsWithOutgoing(after: from, limit: 1_000)
                })
            else { break }
            for room in rooms { open(room) }
            after = rooms.count == 1_000 ? rooms.last : nil
        } while after != nil
        var quiet = QuietTime()
        var looks = 0
        while !Task.isCancelled {
            // What another process deleted, or a server before this one, or what failed.
            if looks % 60 == 0 { host.writer.sweep() }
            looks += 1
            let now = WallClock.nowMs()
            let due = try? await host.read { store throws(StoreError) in
                // Whichever of the threads it is: in a while it has been all of them.
                defer { Allocator.clearThreadCache() }
                return try store.dueRooms(before: now, limit: 1_000)
            }
            for room in due ?? [] { open(room.room) }
            host.rest(quiet.look(at: host.work))
            Allocator.clearThreadCache()
            try? await Task.sleep(for: .seconds(1))
        }
    }

    private func open(_ room: String) {
        host.shard(of: room).run { shard in
            guard shard.rooms[room] == nil else { return }
            shard.open(room, .existing) { _ in }
        }
    }

    /// Every second: how late does the loop come to what is due?
    private func watchLag(of loop: any EventLoop) -> RepeatedTask {
        let timing = host.counters.loopLag
        let due = NIOLoopBoundBox.makeBoxSendingValue(NIODeadline.now() + .seconds(1), eventLoop: loop)
        return loop.scheduleRepeatedTask(initialDelay: .seconds(1), delay: .seconds(1)) { _ in
            timing.note(since: due.value)
            due.value = .now() + .seconds(1)
        }
    }

    /// `/readyz` says no while everything else still goes on, so that nobody is sent here any more.
    private func leave() async {
        host.beginLeaving()
        guard configuration.drainDelaySeconds > 0 else { return }
        host.logger.notice("leaving", metadata: ["seconds": "\(configuration.drainDelaySeconds)"])
        try? await Task.sleep(for: .seconds(configuration.drainDelaySeconds))
    }

    /// Everyone is told, what is under way is finished and answered, and the writer has written it.
    private func drain() async {
        host.beginDraining()
        host.logger.notice("stopping")
        let retryAfterMs = configuration.retryAfterMs
        await withTaskGroup(of: Void.self) { group in
            group.addTask {
                // What is in the slow lane comes last: until then its shards may still send it something.
                for shard in host.shards + host.lanes {
                    await withCheckedContinuation { (continuation: CheckedContinuation<Void, Never>) in
                        shard.run { $0.drain(retryAfterMs: retryAfterMs) { continuation.resume() } }
                    }
                }
            }
            group.addTask { try? await Task.sleep(for: .seconds(configuration.shutdownSeconds)) }
            await group.next()
            group.cancelAll()
        }
    }

    /// The last of it, when no event loop has work any more.
    func finish() async {
        let host = host
        await withCheckedContinuation { (continuation: CheckedContinuation<Void, Never>) in
            DispatchQueue.global().async {
                host.writer.shutdown()
                host.snapshots.shutdown()
                host.closings.flush()
                host.store.close()
                continuation.resume()
            }
        }
        try? await host.readers.shutdownGracefully()
    }
}
