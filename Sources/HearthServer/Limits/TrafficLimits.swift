/// What clients together may take of a server. 0 is without limit.
///
/// Three limits have a default for strangers only: for addresses that are neither the machine's own nor of a private
/// network. Behind those may stand everybody, when they are a proxy's; or a tool that tests with thousands of sockets.
/// What an operator sets holds for all.
package struct TrafficLimits: Sendable {
    /// Open WebSockets; nil: what the process's open files leave room for.
    package var connectionsMax: Int?
    /// Connections of one address (of IPv6, of 64 bits), sockets and HTTP; nil: `Strangers.connections`.
    package var addressConnectionsMax: Int?
    /// Messages a second of one session; nil: `Strangers.sessionRate`.
    package var sessionRateMax: Int?
    /// Messages, requests and connections a second of one address; nil: `Strangers.addressRate`.
    package var addressRateMax: Int?
    /// Connections that have not come to their first request; the oldest makes room for one more.
    package var handshakesMax = 10_000
    /// Rooms in the store.
    package var roomsMax = 1_000_000
    /// Rooms in memory.
    package var roomsAwakeMax = 100_000
    /// Seconds from a connection's beginning to the head of its first request.
    package var headerSeconds = 20
    /// Seconds from a request's head to the end of its body.
    package var bodySeconds = 60
    /// Seconds that a connection may stay without a request, or take nothing of an answer.
    package var idleSeconds = 60
    /// Seconds from a socket's beginning to its `join`.
    package var joinSeconds = 10
    /// Proxies whose `X-Forwarded-For` is believed.
    package var trustedProxies: [String] = []

    package init() {}

    /// The defaults for addresses of the internet.
    package enum Strangers {
        package static let connections = 1_000
        package static let sessionRate = 1_000
        package static let addressRate = 5_000
    }

    /// - Parameter client: nil for one that is not known, behind a proxy that does not say.
    private static func isStranger(_ client: IPAddress?) -> Bool { client.map { !$0.isPrivate } ?? false }

    func connectionsMax(of client: IPAddress) -> Int {
        addressConnectionsMax ?? (Self.isStranger(client) ? Strangers.connections : 0)
    }

    func addressRate(of client: IPAddress) -> RateLimit {
        RateLimit(perSecond: addressRateMax ?? (Self.isStranger(client) ? Strangers.addressRate : 0))
    }

    func sessionRate(of client: IPAddress?) -> RateLimit {
        RateLimit(perSecond: sessionRateMax ?? (Self.isStranger(client) ? Strangers.sessionRate : 0))
    }
}
