/// How many lines one room or one socket may put into the log: what a client or a recipe does wrong a thousand times a
/// second is no news after the first hundred, and must not fill the disk.
struct LogQuota {
    /// Lines that may come at once.
    static let linesMax: Int64 = 100
    /// After so long there may be one more.
    static let refillMs: Int64 = 100

    private var lines = Self.linesMax
    private var refilledAt: Int64 = 0
    private var leftOut = 0

    /// Asks for one line: nil when it has to be left out, else how many were left out since the last one.
    mutating func take(at nowMs: Int64) -> Int? {
        let earned = max(0, nowMs - refilledAt) / Self.refillMs
        lines = min(Self.linesMax, lines + earned)
        refilledAt += earned * Self.refillMs
        guard lines > 0 else {
            leftOut += 1
            return nil
        }
        lines -= 1
        defer { leftOut = 0 }
        return leftOut
    }
}
