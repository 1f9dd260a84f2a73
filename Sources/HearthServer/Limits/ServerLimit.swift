import Synchronization

/// What a client can run into, as `/metrics` names it. Docs/limits.md has a line for each.
enum ServerLimit: String, CaseIterable, Sendable {
    case messageBytes = "message_bytes"
    case sessionRate = "session_rate"
    case addressRate = "address_rate"
    case connections
    case addressConnections = "address_connections"
    case openFiles = "open_files"
    case handshakes
    case tlsHandshakeTime = "tls_handshake_time"
    case headerTime = "header_time"
    case bodyTime = "body_time"
    case idleTime = "idle_time"
    case joinTime = "join_time"
    case silence
    case badMessages = "bad_messages"
    case refusedEvents = "refused_events"
    case rooms
    case roomsAwake = "rooms_awake"
}

/// How often each limit was reached. Safe from every thread.
final class LimitTally: Sendable {
    private let state = Mutex<[ServerLimit: Int]>([:])

    func add(_ limit: ServerLimit) { state.withLock { $0[limit, default: 0] += 1 } }

    /// All of them, also those that nobody has reached.
    var counts: [(String, Int)] {
        let counts = state.withLock { $0 }
        return ServerLimit.allCases.map { ($0.rawValue, counts[$0] ?? 0) }
    }
}
