import CSandbox
import HearthLua

/// How long a run may take and how much it may send, as its parent counts. An honest process stays below of itself.
struct RunBounds {
    /// What the process is waited for, the grace included.
    let milliseconds: UInt64
    /// Nanoseconds of the monotonic clock; 0: none.
    private(set) var deadline: UInt64 = 0
    /// Bytes of one message.
    let messageBytes: Int
    /// What the process may send altogether; 0: no limit.
    private let outputBytesMax: UInt64
    private var outputBytes: UInt64 = 0
    /// When the budget itself is over.
    private var budgetEnd: UInt64 = 0
    private let grace: UInt64
    private var hasHadGrace = false
    /// Whether the host ended the run: then it must not end well.
    var isAborted = false

    init() { (milliseconds, messageBytes, outputBytesMax, grace) = (0, 0, 0, 0) }

    /// - Parameters:
    ///   - milliseconds: the run's time budget; 0: no limit.
    ///   - outputBytes: its output budget; 0: no limit.
    init(milliseconds: UInt64, outputBytes: UInt64, _ limits: IsolationLimits) {
        let waited = min(milliseconds, 1 << 40)
        self.milliseconds = waited + limits.graceMs
        grace = limits.graceMs * 1_000_000
        outputBytesMax = outputBytes == 0 ? 0 : min(outputBytes, 1 << 30) + UInt64(limits.messageBytes)
        messageBytes = outputBytes == 0 ? limits.messageBytes : Int(outputBytesMax)
        guard milliseconds != 0 else { return }
        budgetEnd = channel_now() + waited * 1_000_000
        deadline = budgetEnd + grace
    }

    /// Counts what came.
    /// - Returns: false when it is more than may come.
    mutating func take(_ bytes: Int) -> Bool {
        outputBytes += UInt64(bytes)
        return outputBytesMax == 0 || outputBytes <= outputBytesMax
    }

    /// The host has answered. Where it took so long itself that the budget is over, the process gets the time to end.
    mutating func hostAnswered() {
        guard deadline != 0, !hasHadGrace else { return }
        let now = channel_now()
        guard now > budgetEnd else { return }
        hasHadGrace = true
        deadline = max(deadline, now + grace)
    }
}
