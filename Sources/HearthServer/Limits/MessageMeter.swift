import HearthValues
import HearthWire
import NIOCore

/// How fast messages come over one socket, and from its address by all of its sockets. Lives on the socket's loop.
struct MessageMeter {
    private let session: RateLimit
    private var sessionTime: Int64 = 0
    private let address: RateLimit
    private let record: AddressRecord?

    init(session: RateLimit, address: RateLimit, record: AddressRecord?) {
        self.session = session
        self.address = record == nil ? .none : address
        self.record = record
    }

    static let unlimited = MessageMeter(session: .none, address: .none, record: nil)

    /// Which limit a message runs into, and when the next one would not.
    struct Excess {
        let limit: ServerLimit
        let perSecond: Int
        let retryAfterMs: Int64

        init(_ limit: ServerLimit, _ rate: RateLimit, wait: Int64) {
            self.limit = limit
            perSecond = rate.perSecond
            retryAfterMs = max(1, (wait + 999_999) / 1_000_000)
        }

        var error: WireError {
            let whose = limit == .sessionRate ? "a session" : "all sessions of one address together"
            return WireError.rateLimited(
                "\(whose) may send \(perSecond) messages a second", retryAfterMs: retryAfterMs)
        }
    }

    /// Takes note of one message.
    ///
    /// - Returns: nil when it may go on.
    /// - Complexity: O(1), without a clock of its own.
    mutating func take(at time: NIODeadline) -> Excess? {
        let now = Int64(bitPattern: time.uptimeNanoseconds)
        let wait = session.take(&sessionTime, at: now)
        if wait > 0 { return Excess(.sessionRate, session, wait: wait) }
        guard let record, !address.isNone else { return nil }
        let addressWait = record.take(address, at: now)
        return addressWait > 0 ? Excess(.addressRate, address, wait: addressWait) : nil
    }
}
