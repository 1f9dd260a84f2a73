import HearthValues
import HearthWire
import NIOCore

/// How fast messages come of one session, and from its address by all of its sockets. Lives on the socket's loop.
struct MessageMeter {
    private let session: RateLimit
    /// That of the session, once the socket has one; nil where sessions have no limit.
    private var pace: Pace?
    private let address: RateLimit
    private let record: AddressRecord?
    private let paces: SessionPaces?
    /// Under which the session's pace is known.
    private var secrets: [String] = []

    init(session: RateLimit, address: RateLimit, record: AddressRecord?, paces: SessionPaces? = nil) {
        self.session = session
        self.address = record == nil ? .none : address
        self.record = record
        self.paces = paces
        pace = session.isNone ? nil : Pace()
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
    func take(at time: NIODeadline) -> Excess? {
        let now = time.nanoseconds
        if let pace {
            let wait = pace.take(session, at: now)
            if wait > 0 { return Excess(.sessionRate, session, wait: wait) }
        }
        guard let record, !address.isNone else { return nil }
        let addressWait = record.pace.take(address, at: now)
        return addressWait > 0 ? Excess(.addressRate, address, wait: addressWait) : nil
    }

    /// The socket asks to go on with a session, or to begin one: which of the two it is the room says later.
    ///
    /// - Parameters:
    ///   - resume: the secret of the session that is to be gone on with.
    ///   - fresh: that of the one that begins where there is none like this.
    mutating func join(resume: String?, fresh: String, at time: NIODeadline) {
        guard var pace, let paces else { return }
        for secret in [resume, fresh].compactMap({ $0 }) {
            pace = paces.enter(secret, pace, at: time.nanoseconds)
            secrets.append(secret)
        }
        self.pace = pace
    }

    /// The socket is gone.
    mutating func leave(at time: NIODeadline) {
        for secret in secrets { paces?.leave(secret, at: time.nanoseconds) }
        secrets = []
    }
}

extension NIODeadline {
    fileprivate var nanoseconds: Int64 { Int64(bitPattern: uptimeNanoseconds) }
}
