import HearthValues
import NIOCore
import NIOHTTP1
import Synchronization

/// One connection as the turnstile knows it: whose it is, and what it takes up. Safe from every thread.
final class Visit: Sendable {
    private let turnstile: Turnstile
    private let id: UInt64
    private let address: SocketAddress?
    private let peer: IPAddress?
    private let state: Mutex<State>

    private struct State {
        /// Who is at the other end, behind the proxies that are trusted; nil while that is not known.
        var client: IPAddress?
        var record: AddressRecord?
        var isCounted = false
        var isArriving = true
        var hasSocket = false
        var hasEnded = false
        /// Why its first request will be refused.
        var refusal: Refusal?
    }

    init(_ turnstile: Turnstile, id: UInt64, address: SocketAddress?) {
        self.turnstile = turnstile
        self.id = id
        self.address = address
        peer = address.flatMap { IPAddress($0) }
        state = Mutex(State())
    }

    /// Counts the connection for its peer, unless that is a proxy, which says later whom it brings.
    func begin() {
        guard let peer, !turnstile.proxies.trusts(peer) else { return }
        state.withLock { identify(peer, &$0) }
    }

    private func identify(_ client: IPAddress, _ state: inout State) {
        state.client = client
        switch turnstile.count(client) {
        case .success(let record):
            state.record = record
            state.isCounted = true
        case .failure(let refusal):
            state.record = turnstile.record(of: client)
            state.refusal = refusal
        }
        if let refusal = note(&state) { state.refusal = state.refusal ?? refusal }
    }

    /// A connection or a request more.
    private func note(_ state: inout State) -> Refusal? {
        guard let client = state.client, let record = state.record else { return nil }
        let rate = turnstile.limits.addressRate(of: client)
        let wait = record.pace.take(rate, at: Int64(bitPattern: NIODeadline.now().uptimeNanoseconds))
        return wait > 0 ? .tooFast(client.block, rate, waitMs: (wait + 999_999) / 1_000_000) : nil
    }

    /// A request's head is there: the handshakes are over, and a proxy's word on whom it brings is heard.
    ///
    /// - Returns: why the request is refused; nil when it is not.
    func receive(_ head: HTTPRequestHead) -> Refusal? {
        state.withLock { state in
            if state.isArriving {
                state.isArriving = false
                turnstile.arrived(id)
            }
            guard !state.hasEnded else { return nil }
            if state.client == nil, let peer,
                let client = turnstile.proxies.client(of: peer, forwardedFor: head.headers["x-forwarded-for"])
            {
                identify(client, &state)
                return state.refusal
            }
            return state.refusal ?? note(&state)
        }
    }

    /// - Throws: 503 when there is no place for one more socket.
    func takeSocket() throws(Refusal) {
        let isTaken = state.withLock { state -> Bool in
            if state.hasSocket || state.hasEnded { return true }
            state.hasSocket = turnstile.takeSocket()
            return state.hasSocket
        }
        if !isTaken { throw .tooManyConnections(turnstile.socketsMax) }
    }

    /// The limits of the socket that the connection became.
    var meter: MessageMeter {
        state.withLock { state in
            MessageMeter(
                session: turnstile.limits.sessionRate(of: state.client),
                address: state.client.map(turnstile.limits.addressRate) ?? .none, record: state.record,
                paces: turnstile.paces)
        }
    }

    /// Whose connection it is, for the log, also when it is gone: the peer with its port, or whom a trusted proxy brings.
    var remoteName: String {
        let client = state.withLock { $0.client }
        guard let client, client != peer else { return address?.logName ?? "-" }
        return client.text
    }

    /// Asks for a line in the log about a limit that was run into: who floods the server is not to flood the log as well.
    ///
    /// - Returns: nil when it has to be left out, else how many were left out since the last one.
    func takeLogLine() -> Int? {
        let now = WallClock.nowMs()
        guard let record = state.withLock({ $0.record }) else { return turnstile.takeLogLine(at: now) }
        return record.takeLogLine(at: now)
    }

    func end() {
        state.withLock { state in
            guard !state.hasEnded else { return }
            state.hasEnded = true
            if state.isCounted, let client = state.client { turnstile.discount(client) }
            turnstile.leave(id, hadSocket: state.hasSocket)
        }
    }
}

extension Refusal {
    static func tooManyConnections(_ limit: Int) -> Refusal {
        Refusal(
            statusCode: 503, code: "too_many_connections", message: "the server takes at most \(limit) connections",
            retryAfter: 5, limit: .connections)
    }

    static func tooManyOfAddress(_ block: IPAddress, _ limit: Int) -> Refusal {
        Refusal(
            statusCode: 503, code: "too_many_connections",
            message: "the server takes at most \(limit) connections from \(block.asSource)",
            retryAfter: 5, limit: .addressConnections)
    }

    static func tooFast(_ block: IPAddress, _ rate: RateLimit, waitMs: Int64) -> Refusal {
        Refusal(
            statusCode: 429, code: "rate_limited",
            message: "\(block.asSource) may send \(rate.perSecond) requests and messages a second",
            retryAfter: Int((waitMs + 999) / 1_000), details: ["retry_after_ms": .int(waitMs)], limit: .addressRate)
    }

    static let placeTaken = Refusal(
        statusCode: 503, code: "too_many_connections",
        message: "no request came, and others wait for the place of this connection", retryAfter: 1, limit: .handshakes)
}

extension IPAddress {
    fileprivate var asSource: String { isIPv4 ? "the address \(text)" : "the network \(text)/64" }
}
