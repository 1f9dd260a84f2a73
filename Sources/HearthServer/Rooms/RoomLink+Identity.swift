import HearthRecipes
import HearthRooms
import HearthValues
import HearthWire
import Logging
import NIOCore

/// What a socket's token allows, from its `join` to the moment at which it runs out.
extension RoomLink {
    /// Who joins; nil when nobody has to say.
    func identity(_ token: String?, on socket: SocketHandler) throws(Refusal) -> Identity? {
        guard let ticket else { return nil }
        let identity = try ticket.join(token)
        watchDeadline(socket)
        return identity
    }

    /// `auth`: a fresh token for the running session.
    func renew(_ token: String, on socket: SocketHandler) {
        guard let ticket else {
            return refuse(WireError(.badMessage, "this server takes no tokens"), on: socket)
        }
        do throws(Refusal) {
            let identity = try ticket.renew(token)
            welcomeBack(identity, on: socket)
        } catch {
            turnOut(error, from: socket)
        }
    }

    private func welcomeBack(_ identity: Identity, on socket: SocketHandler) {
        hasBeenTold = false
        watchDeadline(socket)
        pass(.identify(identity), from: socket)
        var sink = ByteSink()
        ServerMessage.ack(id: nil, seq: nil, into: &sink)
        socket.send(.own(ServerFrame.make(payload: sink.bytes)))
    }

    /// Whether the token is still good; if not, the socket is closed.
    func isStillWelcome(_ socket: SocketHandler) -> Bool {
        guard let ticket else { return true }
        do throws(Refusal) {
            try ticket.check()
            return true
        } catch {
            turnOut(error, from: socket)
            return false
        }
    }

    /// What the token does not allow is answered, in its turn, and nothing more happens.
    func refusal(of event: EventFields) -> Failure? {
        guard let ticket, !ticket.maySend(event.name) else { return nil }
        return Failure(
            code: "forbidden",
            message:
                "the token does not allow \"\(event.name)\": its claim \"rooms\" gives no right \"send:\(event.name)\" here"
        )
    }

    // MARK: - The end of a token

    /// Tells some time before the token runs out, and closes when it has. The wall clock may be set meanwhile, and the
    /// token's key taken back, so both are looked at once a minute.
    private func watchDeadline(_ socket: SocketHandler) {
        ticketTimer?.cancel()
        ticketTimer = nil
        guard let ticket, let loop = socket.context?.eventLoop else { return }
        let left = ticket.deadline.map { $0 - WallClock.nowMs() } ?? Int64.max
        let notice = min(Int64(Doorkeeper.noticeSeconds * 1_000), max(0, left / 2))
        let wait = hasBeenTold ? left : left - notice
        let bound = NIOLoopBound((self, socket), eventLoop: loop)
        ticketTimer = loop.scheduleTask(in: .milliseconds(max(1, min(wait, 60_000)))) {
            let (link, socket) = bound.value
            link.deadlineNears(socket, dueIn: wait)
        }
    }

    private func deadlineNears(_ socket: SocketHandler, dueIn wait: Int64) {
        ticketTimer = nil
        guard socket.phase == .open, isStillWelcome(socket) else { return }
        if !hasBeenTold, wait <= 60_000, let deadline = ticket?.deadline {
            hasBeenTold = true
            let left = max(0, deadline - WallClock.nowMs())
            say(
                WireError(
                    .tokenExpiring,
                    "the token runs out in \(left) ms; send a fresh one: {\"type\":\"auth\",\"token\":…}",
                    retryable: true, details: ["expires_in_ms": .int(left), "expires_at": .int(deadline)]),
                on: socket)
            socket.flushIfNeeded()
        }
        watchDeadline(socket)
    }
}
