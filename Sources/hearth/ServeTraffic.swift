import ArgumentParser
import HearthServer

/// What clients together may take of a server, and how long they may take for it.
struct ServeTraffic: ParsableArguments {
    @Option(
        name: .long,
        help: ArgumentHelp(
            "Sockets that may be open at once; 0 for no limit. Else as many as open files allow.", valueName: "number"))
    var maxConnections: Int?

    @Option(
        name: .long,
        help: ArgumentHelp(
            "Connections of one address, IPv6 by 64 bits; 0 for no limit. Else \(TrafficLimits.Strangers.connections), and for private networks none.",
            valueName: "number"))
    var maxConnectionsPerAddress: Int?

    @Option(
        name: .long,
        help: ArgumentHelp(
            "Messages a second of one session; 0 for no limit. Else \(TrafficLimits.Strangers.sessionRate), and for private networks none.",
            valueName: "number"))
    var maxRatePerSession: Int?

    @Option(
        name: .long,
        help: ArgumentHelp(
            "Messages and requests a second of one address; 0 for no limit. Else \(TrafficLimits.Strangers.addressRate), and for private networks none.",
            valueName: "number"))
    var maxRatePerAddress: Int?

    @Option(
        name: .long,
        help: ArgumentHelp(
            "A proxy whose X-Forwarded-For is believed: an address, a network, or private; more than once.",
            valueName: "address"))
    var trustedProxy: [String] = []

    @Option(
        name: .long,
        help: ArgumentHelp(
            "Connections that have not come to their first request; 0 for no limit.", valueName: "number"))
    var maxHandshakes = 10_000

    @Option(name: .long, help: ArgumentHelp("Rooms that may be kept; 0 for no limit.", valueName: "number"))
    var maxRooms = 1_000_000

    @Option(
        name: .long, help: ArgumentHelp("Rooms that may be in memory at once; 0 for no limit.", valueName: "number"))
    var maxRoomsAwake = 100_000

    @Option(
        name: .long, help: ArgumentHelp("How long the head of a first request may take.", valueName: "seconds"))
    var headerTimeout = 20

    @Option(name: .long, help: ArgumentHelp("How long the body of a request may take.", valueName: "seconds"))
    var bodyTimeout = 60

    @Option(
        name: .long,
        help: ArgumentHelp(
            "How long a connection may stay without a request, or take nothing of an answer.", valueName: "seconds"))
    var idleTimeout = 60

    @Option(name: .long, help: ArgumentHelp("How long a socket may take to its join.", valueName: "seconds"))
    var joinTimeout = 10

    func validate() throws {
        let counts: [(String, Int?)] = [
            ("--max-connections", maxConnections), ("--max-connections-per-address", maxConnectionsPerAddress),
            ("--max-rate-per-session", maxRatePerSession), ("--max-rate-per-address", maxRatePerAddress),
            ("--max-handshakes", maxHandshakes), ("--max-rooms", maxRooms), ("--max-rooms-awake", maxRoomsAwake),
        ]
        for case (let flag, let value?) in counts where !(0...1_000_000_000).contains(value) {
            throw ValidationError("The value '\(value)' is invalid for '\(flag)': take one from 0, no limit, up.")
        }
        for (flag, value) in [
            ("--header-timeout", headerTimeout), ("--body-timeout", bodyTimeout), ("--idle-timeout", idleTimeout),
            ("--join-timeout", joinTimeout),
        ] where !(1...86_400).contains(value) {
            throw ValidationError("The value '\(value)' is invalid for '\(flag)': take 1 to 86400 seconds.")
        }
    }

    func apply(to settings: inout ServerConfiguration) {
        settings.traffic.connectionsMax = maxConnections
        settings.traffic.addressConnectionsMax = maxConnectionsPerAddress
        settings.traffic.sessionRateMax = maxRatePerSession
        settings.traffic.addressRateMax = maxRatePerAddress
        settings.traffic.trustedProxies = trustedProxy
        settings.traffic.handshakesMax = maxHandshakes
        settings.traffic.roomsMax = maxRooms
        settings.traffic.roomsAwakeMax = maxRoomsAwake
        settings.traffic.headerSeconds = headerTimeout
        settings.traffic.bodySeconds = bodyTimeout
        settings.traffic.idleSeconds = idleTimeout
        settings.traffic.joinSeconds = joinTimeout
    }
}
