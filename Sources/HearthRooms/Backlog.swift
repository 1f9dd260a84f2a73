import DequeModule
import HearthTransactions
import HearthValues

/// Sent commits, oldest first, for those who resume. Their `seq` rises by one.
///
/// Commits that were sent within the same eighth of their lifetime grow old together, so that nothing is kept or looked at
/// for the age of each: none is forgotten before its lifetime is over, and none is kept for longer than an eighth more.
struct Backlog {
    private(set) var commits = Deque<ToldCommit>()
    /// How many bytes of memory they keep, about.
    private(set) var bytes = 0
    private var spans = Deque<Span>()
    private let lifetimeMs: Int64

    private struct Span {
        /// Ms since 1970.
        var begin: Int64
        /// The last commit that was sent in it.
        var last: UInt64
    }

    init(lifetimeMs: Int64) { self.lifetimeMs = max(8, lifetimeMs) }

    /// When the oldest have had their time; `.max` when there are none.
    private(set) var due = Int64.max

    /// - Complexity: amortised O(1).
    mutating func append(_ commit: ToldCommit, at now: Int64) {
        commits.append(commit)
        bytes += commit.weight
        if let place = spans.indices.last, now < spans[place].begin + lifetimeMs / 8 {
            spans[place].last = commit.seq
        } else {
            spans.append(Span(begin: now, last: commit.seq))
            setDue()
        }
    }

    /// - Complexity: amortised O(1).
    mutating func forget(through seq: UInt64) {
        while let first = commits.first?.seq, first <= seq { bytes -= commits.removeFirst().weight }
        if commits.isEmpty { commits = Deque() }
    }

    /// The last of those whose time is over; nil when that is none. Each is told once.
    mutating func takeExpired(at now: Int64) -> UInt64? {
        var expired: UInt64?
        while due <= now, let span = spans.popFirst() {
            expired = span.last
            setDue()
        }
        return expired
    }

    /// Somebody has set the clock back.
    mutating func shift(by ms: Int64) {
        for place in spans.indices { spans[place].begin -= ms }
        setDue()
    }

    mutating func removeAll() {
        commits = Deque()
        bytes = 0
    }

    private mutating func setDue() { due = spans.first.map { $0.begin + lifetimeMs + lifetimeMs / 8 } ?? .max }
}

/// What room and audiences keep of what was sent, and when they let go of it.
extension RoomMachine {
    /// How many of the last commits are kept for `strict` events, however old they are: who has filled in a form for ten
    /// minutes is told of a conflict only where there is one.
    private static let historyMin: UInt64 = 32

    /// Keeps a commit that has been sent.
    ///
    /// - Complexity: amortised O(1), and O(audiences) when an older one has to go for it.
    func keep(_ commit: ToldCommit) {
        backlog.append(commit, at: lastTime)
        while backlog.commits.count > limits.backlogMax || backlog.bytes + noticeBytes > limits.backlogBytesMax,
            let first = backlog.commits.first?.seq
        {
            forgetSent(through: first)
        }
    }

    /// Keeps what an audience has been sent of a commit that is kept.
    func keep(_ notice: CommitNotice, for audience: Audience) {
        guard backlog.commits.last?.seq == notice.seq else { return }
        let weight = SentNotice.weight(of: notice)
        audience.recent.append(SentNotice(notice: notice, weight: weight))
        noticeBytes += weight
    }

    /// - Complexity: O(audiences), and amortised O(1) for what is forgotten.
    private func forgetSent(through seq: UInt64) {
        backlog.forget(through: seq)
        for audience in audiences { noticeBytes -= audience.forget(through: seq) }
    }

    /// What nobody can resume from any more goes.
    func forgetOld(now: Int64) {
        guard let expired = backlog.takeExpired(at: now) else { return }
        forgetSent(through: expired)
        expiredThrough = expired
        forgetHistory()
        if backlog.commits.isEmpty { giveBackRoom() }
    }

    /// Lets go of old commits that nothing that waits has to be compared with.
    ///
    /// - Complexity: O(waiting handlers), and amortised O(1) for what is forgotten.
    func forgetHistory() {
        var floor = min(expiredThrough, head.seq > Self.historyMin ? head.seq - Self.historyMin : 0)
        for run in waiting.values {
            if let ground = run.ground { floor = min(floor, ground.seq) }
            if let since = run.strictSince { floor = min(floor, since) }
        }
        history.forget(through: floor)
    }

    /// A room that has fallen silent does not keep what it had made room for when it was busy.
    private func giveBackRoom() {
        if mailbox.isEmpty { mailbox = Deque() }
        if outputs.isEmpty { outputs = [] }
        if unsaved.isEmpty { unsaved = [:] }
        if unwritten.isEmpty { unwritten = [] }
        if gathering.held.isEmpty { _ = gathering.takeHeld() }
        sink = ByteSink(keepsKeys: true)
    }

    /// Whether the room holds something that it could let go of by now: then a `tick` does.
    package func isHoldingOld(at now: Int64) -> Bool { backlog.due <= now }
}

/// What an audience was sent of a commit.
struct SentNotice {
    let notice: CommitNotice
    let weight: Int

    /// How many bytes of memory a notice keeps beside its commit, about: the values are the commit's.
    static func weight(of notice: CommitNotice) -> Int {
        notice.patch.operations.isEmpty ? 64 : 112 + notice.patch.operations.count * 96
    }
}
