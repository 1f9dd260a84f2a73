import HearthRooms
import Logging
import NIOCore

/// Lets sockets into rooms: checks name, origin and number, and has the room ready before the upgrade is answered.
struct RoomGate: UpgradeGate {
    let host: RoomHost
    let limits: SocketLimits
    let allowedOrigins: [String]
    let socketsMax: Int

    func admit(_ request: UpgradeRequest, on channel: any Channel) -> EventLoopFuture<Admission> {
        let room: String
        do throws(Refusal) {
            room = try check(request)
        } catch {
            host.counters.socketsRefused.add()
            return channel.eventLoop.makeSucceededFuture(.refused(error))
        }
        let mode: RoomOpenMode =
            if host.library.autoCreate, let recipe = request.query["recipe"] {
                .createIfMissing(recipe: recipe)
            } else {
                .existing
            }
        let promise = channel.eventLoop.makePromise(of: Admission.self)
        let shard = host.shard(of: room)
        shard.run { shard in
            shard.open(room, mode) { opened in
                switch opened {
                case .success: promise.succeed(.admitted(welcome(room, shard, request)))
                case .failure(let refusal):
                    host.counters.socketsRefused.add()
                    promise.succeed(.refused(refusal))
                }
            }
        }
        return promise.futureResult
    }

    private func check(_ request: UpgradeRequest) throws(Refusal) -> String {
        if host.isDraining { throw .shuttingDown }
        guard let room = request.room else { throw .notFound(request.path) }
        guard RoomName.isValid(room) else { throw .badRoomName(room) }
        guard request.isAllowedOrigin(allowedOrigins) else { throw .foreignOrigin(request.origin ?? "") }
        if socketsMax > 0, host.counters.socketsOpen.now >= socketsMax { throw .tooManyConnections(socketsMax) }
        return room
    }

    private func welcome(_ room: String, _ shard: RoomShard, _ request: UpgradeRequest) -> Welcome {
        let host = host
        let limits = limits
        return Welcome(
            subprotocol: request.subprotocols.first { $0 == "hearth.v1" }, limits: limits,
            makeHandler: { channel in
                host.counters.socketsOpen.add()
                let trace = Chance.trace()
                var logger = host.logger
                logger[metadataKey: "room"] = "\(room)"
                logger[metadataKey: "session"] = "-"
                logger[metadataKey: "trace"] = "\(trace)"
                logger[metadataKey: "remote"] = "\(channel.remoteName)"
                logger.debug("socket opened")
                let link = RoomLink(shard: shard, room: room, trace: trace, counters: host.counters)
                return SocketHandler(limits: limits, logger: logger, delegate: link)
            })
    }
}
