import HearthLua
import HearthValues

/// `ctx.sleep` and `ctx.ask`: a wait that is over answers at once; one that is not ends the run, uncatchably.
extension RunState {
    /// The waits of an event, and which of them this run has passed.
    struct Waits {
        /// What the run came to and must wait for.
        var pending: Wait?
        /// The place in the recipe that came to it.
        var pendingAt: Int32 = 0
        /// Why the function that runs may not wait; empty: it may.
        var refusal = ""
        private var finished: [FinishedWait] = []
        private var passed: [Bool] = []

        mutating func begin(_ invocation: Invocation) {
            if pending != nil { pending = nil }
            refusal = invocation.entry.waitRefusal
            if finished.isEmpty, invocation.finished.isEmpty { return }
            finished = invocation.finished
            passed = finished.map { _ in false }
        }

        var count: Int { finished.count }

        /// The answer to a wait that is over. Equal waits are passed in the order in which they ended.
        mutating func pass(_ wait: Wait) -> FinishedWait? {
            guard let place = finished.indices.first(where: { !passed[$0] && finished[$0].wait == wait }) else {
                return nil
            }
            passed[place] = true
            return finished[place]
        }
    }

    private var waitMsMax: Int64 { limits.waitMsMax == 0 ? .max : Int64(limits.waitMsMax) }

    /// `ctx.sleep(ms)`.
    func sleep(_ arguments: inout LuaReader) throws(RunError) {
        guard let ms = arguments.takeNumber()?.milliseconds, ms <= waitMsMax else {
            throw RunError("ctx.sleep takes milliseconds, from 0 to \(waitMsMax); for longer use ctx.after")
        }
        _ = try wait(.sleep(ms: ms), "ctx.sleep")
    }

    /// `ctx.ask(participant, name, data, {timeout=})`.
    func ask(_ arguments: inout LuaReader, into reply: inout LuaWriter) throws(RunError) {
        let who = try plain(&arguments)
        guard let session = try? session(who) else {
            throw RunError("ctx.ask takes a participant first: one of ctx.participants(), ctx.who or a session id")
        }
        let name = try text(&arguments, "ctx.ask takes the question's name second")
        let data = arguments.isAtEnd ? .null : try plain(&arguments)
        let options = arguments.isAtEnd ? .null : try plain(&arguments)
        let wait = Wait.ask(session: session, name: name, data: data, timeoutMs: try timeout(options))
        switch try self.wait(wait, "ctx.ask").answer {
        case .none, .null?: reply.writeAbsent()
        case .some(let answer): write(answer, into: &reply)
        }
    }

    private func timeout(_ options: Value) throws(RunError) -> Int64 {
        guard case .object(let options) = options else { return min(Self.askTimeoutMs, waitMsMax) }
        try only(["timeout"], in: options, of: "ctx.ask")
        guard let timeout = options["timeout"] else { return min(Self.askTimeoutMs, waitMsMax) }
        guard let ms = timeout.milliseconds, ms <= waitMsMax else {
            throw RunError("ctx.ask: timeout is in milliseconds, from 0 to \(waitMsMax)")
        }
        return ms
    }

    /// How long a question waits that does not say, in milliseconds.
    static let askTimeoutMs: Int64 = 30_000

    private func wait(_ wait: Wait, _ function: String) throws(RunError) -> FinishedWait {
        guard mode == .handler else { throw RunError(mode.refusal) }
        guard waits.refusal.isEmpty else { throw RunError("\(function): \(waits.refusal)") }
        if let finished = waits.pass(wait) { return finished }
        if limits.waitsMax != 0, waits.count >= limits.waitsMax { throw cross("waits", limits.waitsMax, "waits") }
        waits.pending = wait
        waits.pendingAt = callerPlace()
        throw RunError("\(function) waits", code: RunError.wait)
    }
}

extension Entry {
    /// Why a function that runs for this may not wait; empty: it may.
    fileprivate var waitRefusal: String {
        switch self {
        case .handler, .message, .console: ""
        case .create: "on.create cannot wait; set a timer with ctx.after"
        case .join: "on.join cannot wait; set a timer with ctx.after"
        case .leave: "on.leave cannot wait; set a timer with ctx.after"
        case .idle: "on.idle cannot wait; set a timer with ctx.after"
        case .migrate: "on.migrate cannot wait"
        }
    }
}
