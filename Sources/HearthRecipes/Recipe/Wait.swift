package import HearthValues

/// What a handler waits for.
package enum Wait: Sendable, Hashable {
    /// `ctx.sleep`: until so many milliseconds have passed.
    case sleep(ms: Int64)
    /// `ctx.ask`: until a participant, named by its session, has answered or `timeoutMs` have passed.
    case ask(session: String, name: String, data: Value, timeoutMs: Int64)

    /// The longest that it may take, in milliseconds.
    package var limitMs: Int64 {
        switch self {
        case .sleep(let ms): ms
        case .ask(_, _, _, let timeoutMs): timeoutMs
        }
    }
}

/// A wait that is over.
///
/// A handler that waited is run again from its start with all its finished waits, and passes each at once; run on the
/// same cells it comes to the same place, because everything else that it sees is a function of the event. So nothing
/// of a waiting handler has to be kept in Lua: it survives a lost VM, a conflict and a reload in the same way.
package struct FinishedWait: Sendable, Hashable {
    package var wait: Wait
    /// What was answered; nil when the time ran out, or the participant left.
    package var answer: Value?

    package init(_ wait: Wait, answer: Value? = nil) {
        self.wait = wait
        self.answer = answer
    }
}
