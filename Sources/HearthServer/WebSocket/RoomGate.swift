import HearthIdentity
import HearthRooms
import Logging
import NIOCore

/// Lets sockets into rooms: checks name, origin, number and token, and has the room ready before the upgrade is answered.
struct RoomGate: UpgradeGate {
    let host: RoomHost
    let limits: SocketLimits
    let origins: OriginPolicy
    let deflate: DeflatePolicy?
    /// nil: everybody may come in.
    let doorkeeper: Doorkeeper?

    func admit(_ request: UpgradeRequest, on channel: any Channel, _ visit: Visit) -> EventLoopFuture<Admission> {
        let target: Target
        do throws(Refusal) {
            target = try check(request)
            try visit.takeSocket()
        } catch {
            return channel.eventLoop.makeSucceededFuture(.refused(error))
        }
        let shard = host.shard(of: target.room)
        let welcome = welcome(target, shard, request, visit)
        // Without a token nothing is looked up or made: that waits for the `join` that brings one.
        if doorkeeper != nil, target.credential == nil {
            return channel.eventLoop.makeSucceededFuture(.admitted(welcome))
        }
        let promise = channel.eventLoop.makePromise(of: Admission.self)
        shard.run { shard in
            shard.open(target.room, target.mode) { opened in
                switch opened {
                case .success(let driver):
                    if let refusal = target.refusal(of: driver.recipe, host.library) {
                        return promise.succeed(.refused(refusal))
                    }
                    promise.succeed(.admitted(welcome))
                case .failure(let refusal):
                    promise.succeed(.refused(refusal))
                }
            }
        }
        return promise.futureResult
    }

    private func check(_ request: UpgradeRequest) throws(Refusal) -> Target {
        if host.isDraining { throw .shuttingDown }
        var target = try target(of: request)
        guard RoomName.isValid(target.room) else { throw .badRoomName(target.room) }
        guard origins.allows(request.origin, host: request.host) else { throw .foreignOrigin(request.origin ?? "") }
        target.credential = try credential(request, target)
        return target
    }

    private func target(of request: UpgradeRequest) throws(Refusal) -> Target {
        if let (party, room) = request.party {
            let recipe = try host.library.recipe(ofParty: party)
            let key = request.query["_pk"]
            if let key, !(1...Target.keyBytesMax).contains(key.utf8.count) {
                throw Refusal(
                    statusCode: 400, code: "bad_request", message: "\"_pk\" must have 1 to \(Target.keyBytesMax) bytes")
            }
            return Target(
                room: room, mode: .createIfMissing(recipe: recipe), party: Target.Party(name: party, key: key))
        }
        guard let room = request.room else { throw .notFound(request.path) }
        guard host.library.autoCreate, let recipe = request.query["recipe"] else {
            return Target(room: room, mode: .existing)
        }
        return Target(room: room, mode: .createIfMissing(recipe: recipe))
    }

    private func credential(_ request: UpgradeRequest, _ target: Target) throws(Refusal) -> Credential? {
        guard let doorkeeper else { return nil }
        guard let token = request.token else {
            // There is no `join` that could bring it.
            if target.party != nil { throw .tokenNeeded }
            return nil
        }
        let credential = try doorkeeper.credential(of: token)
        guard credential.claims.rights(in: target.room).join else {
            throw .mayNot("enter", target.room, right: "join")
        }
        return credential
    }

    private func welcome(
        _ target: Target, _ shard: RoomShard, _ request: UpgradeRequest, _ visit: Visit
    ) -> Welcome {
        let host = host
        let limits = limits
        let doorkeeper = doorkeeper
        return Welcome(
            subprotocol: target.subprotocol(among: request.subprotocols), limits: limits, deflate: deflate,
            makeHandler: { channel, agreement in
                host.counters.socketsOpen.add()
                let trace = Chance.trace()
                var logger = host.logger
                logger[metadataKey: "room"] = "\(target.room)"
                logger[metadataKey: "session"] = "-"
                logger[metadataKey: "trace"] = "\(trace)"
                let remote = visit.remoteName
                logger[metadataKey: "remote"] = "\(remote)"
                logger.debug("socket opened")
                let pass = doorkeeper.map { RoomPass($0, room: target.room, credential: target.credential) }
                let link = link(target, shard, pass, trace: trace)
                link.remote = remote
                link.meter = visit.meter
                return SocketHandler(limits: limits, agreement: agreement, logger: logger, delegate: link)
            })
    }

    private func link(
        _ target: Target, _ shard: RoomShard, _ pass: RoomPass?, trace: String
    ) -> any SeatLink {
        if let party = target.party {
            let link = PartyLink(
                shard: shard, room: target.room, key: party.key, trace: trace, counters: host.counters,
                closings: host.closings)
            link.ticket = pass
            return link
        }
        let link = RoomLink(
            shard: shard, room: target.room, trace: trace, counters: host.counters, closings: host.closings)
        if doorkeeper != nil, target.credential == nil { link.mode = target.mode }
        link.ticket = pass
        return link
    }
}

/// Which room a socket asks for, and how it wants to speak.
private struct Target: Sendable {
    struct Party: Sendable {
        var name: String
        var key: String?
    }

    /// Bytes of a `_pk`.
    static let keyBytesMax = 200

    var room: String
    var mode: RoomOpenMode
    /// Nil for `hearth.v1`.
    var party: Party?
    /// What came with the upgrade; nil where nobody is asked for a token, or it is to come in `join`.
    var credential: Credential?

    /// The one that is echoed, never the token. What a party speaks has its name from its pages.
    func subprotocol(among offered: [String]) -> String? {
        offered.first { party == nil ? $0 == "hearth.v1" : !$0.hasPrefix(BearerToken.subprotocolPrefix) }
    }

    /// A room that is there already may run a recipe that knows nothing of the party.
    func refusal(of recipe: String, _ library: RecipeLibrary) -> Refusal? {
        guard let party, library.entry(named: recipe)?.recipe.claims(party: party.name) != true else { return nil }
        return Refusal(
            statusCode: 409, code: "recipe_mismatch",
            message:
                "the room \"\(room)\" runs the recipe \"\(recipe)\", which does not serve the party \"\(party.name)\"")
    }
}
