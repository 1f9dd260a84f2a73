import CSandbox
import HearthLua
import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// A recipe's process as its parent has it. It ends with this object.
///
/// Mutable state: `channel` is used by one thread at a time, which is the owner's; `status` by any, under its lock.
final class Worker {
    let pid: pid_t
    private let channel: OpaquePointer
    private let limits: IsolationLimits
    private let life: WorkerLife
    /// Nanoseconds for which its runs were waited for, and up to how many the system lets it go on.
    private var waited: UInt64 = 0
    private var granted: UInt64
    private var isReady = false

    /// - Throws: `.lost(.unstarted)`.
    init(_ command: WorkerCommand, _ limits: IsolationLimits) throws(LuaError) {
        var (own, theirs, memory) = (Int32(-1), Int32(-1), Int32(-1))
        try Self.check(channel_make(&own, &theirs, &memory), "no channel to it")
        defer { close(theirs) }
        var pid: pid_t = -1
        let started = command.spawn(theirs, memory, limits, &pid)
        guard started == 0, let channel = channel_open(own, memory, true) else {
            close(own)
            if started == 0 { WorkerLife(pid).end() } else { close(memory) }
            throw LuaError(lost: .unstarted(started == 0 ? "no memory for a channel to it" : Self.text(started)))
        }
        self.pid = pid
        self.channel = channel
        self.limits = limits
        life = WorkerLife(pid)
        granted = limits.extraCPUSeconds * 1_000_000_000
    }

    deinit {
        life.end()
        channel_close(channel)
    }

    private static func check(_ error: Int32, _ what: String) throws(LuaError) {
        guard error == 0 else { throw LuaError(lost: .unstarted("\(what): \(text(error))")) }
    }

    static func text(_ error: Int32) -> String { String(cString: strerror(error)) }

    /// What the keeper of processes may touch from its thread.
    var watched: WorkerLife { life }

    var hasEnded: Bool { life.hasEnded }

    /// Waits until it has locked itself up; at once when that was waited for before.
    /// - Throws: `.lost(.unstarted)` with what it could not do.
    func awaitHello() throws(LuaError) {
        if isReady { return }
        let deadline = channel_now() + limits.startMs * 1_000_000
        do throws(LuaError) {
            let message = try receive(deadline: deadline, within: limits.startMs, max: 64)
            var reader = FrameReader(message)
            do throws(FrameFault) {
                guard try reader.kind() == .hello else { throw FrameFault("it did not begin with hello") }
                let step = try reader.take(Int32.self)
                let error = try reader.take(Int32.self)
                try reader.expectEnd()
                guard step == Int32(SANDBOX_STEP_NONE.rawValue) else {
                    throw FrameFault("\(Self.name(ofStep: step)): \(Self.text(error))")
                }
            } catch {
                throw LuaError(lost: .unstarted(error.message))
            }
            isReady = true
        } catch {
            end()
            guard case .lost(let loss) = error.kind else { throw error }
            if case .unstarted = loss { throw error }
            throw LuaError(lost: .unstarted(loss.description))
        }
    }

    private static func name(ofStep step: Int32) -> String {
        switch UInt32(bitPattern: step) {
        case SANDBOX_STEP_PRIVILEGES.rawValue: "it could not give up its privileges"
        case SANDBOX_STEP_ORPHAN.rawValue: "its parent was gone"
        case SANDBOX_STEP_LIMITS.rawValue: "its resource limits could not be set"
        case SANDBOX_STEP_FILTER.rawValue: "the filter of system calls could not be installed"
        default: "it could not begin (step \(step))"
        }
    }

    /// - Throws: `.lost` when it is gone.
    func send(
        _ head: borrowing [UInt8], _ body: UnsafeRawBufferPointer, deadline: UInt64, within limit: UInt64
    ) throws(LuaError) {
        let status = head.withUnsafeBytes { head in
            channel_send(channel, head.baseAddress, head.count, body.baseAddress, body.count, deadline)
        }
        guard status == CHANNEL_OK.rawValue else { throw lost(status, within: limit) }
    }

    /// - Parameters:
    ///   - deadline: nanoseconds of the monotonic clock; 0: none.
    ///   - limit: what a miss of the deadline is called, in milliseconds.
    ///   - max: bytes.
    /// - Returns: bytes that stay valid until the next `send` or `receive`.
    /// - Throws: `.lost`.
    func receive(deadline: UInt64, within limit: UInt64, max: Int) throws(LuaError) -> UnsafeRawBufferPointer {
        var bytes: UnsafePointer<UInt8>?
        var count = 0
        let status = channel_receive(channel, deadline, max, &bytes, &count)
        guard status == CHANNEL_OK.rawValue else { throw lost(status, within: limit) }
        return UnsafeRawBufferPointer(start: bytes, count: count)
    }

    /// Ends it, and says how it came to that.
    private func lost(_ status: Int32, within limit: UInt64) -> LuaError {
        let end = life.end()
        switch UInt32(bitPattern: status) {
        case CHANNEL_TIMEOUT.rawValue: return LuaError(lost: .hung(milliseconds: limit))
        case CHANNEL_TOO_LONG.rawValue: return LuaError(lost: .malformed("a message is longer than its run may send"))
        case CHANNEL_MALFORMED.rawValue: return LuaError(lost: .malformed("the channel's words make no sense"))
        case CHANNEL_MEMORY.rawValue: return LuaError(lost: .malformed("there is no memory for a message"))
        default: return LuaError(lost: end)
        }
    }

    func malformed(_ what: String) -> LuaError {
        end()
        return LuaError(lost: .malformed(what))
    }

    @discardableResult
    func end() -> LuaLoss { life.end() }

    /// Counts the time of a run; what a process may compute rises with it. After a run it looks out for the next for a
    /// moment, which counts too.
    func count(_ nanoseconds: UInt64) {
        let extra = limits.extraCPUSeconds * 1_000_000_000
        waited += nanoseconds + 2 * UInt64(CHANNEL_SPIN_NANOSECONDS)
        guard waited + extra / 2 > granted, !hasEnded else { return }
        granted = waited + extra
        _ = sandbox_allow_cpu(pid, granted / 1_000_000_000)
    }
}

/// Whether a process lives; it is killed and reaped once, whoever asks for it. Safe from every thread.
final class WorkerLife: Sendable {
    private let pid: pid_t
    private let ended = Mutex<LuaLoss?>(nil)
    private let flag = Atomic(false)

    init(_ pid: pid_t) { self.pid = pid }

    var hasEnded: Bool { flag.load(ordering: .relaxed) }

    /// Takes note if it has ended of itself.
    func look() {
        ended.withLock { ended in
            var status: Int32 = 0
            guard ended == nil, sandbox_reap(pid, false, &status) else { return }
            ended = Self.loss(status)
            flag.store(true, ordering: .relaxed)
        }
    }

    /// Kills it, if it lives, and waits for its end.
    /// - Returns: how it ended: by itself, or by this.
    @discardableResult
    func end() -> LuaLoss {
        ended.withLock { ended in
            if let ended { return ended }
            var status: Int32 = 0
            // One that has ended already keeps its own status.
            kill(pid, SIGKILL)
            _ = sandbox_reap(pid, true, &status)
            let loss = Self.loss(status)
            ended = loss
            flag.store(true, ordering: .relaxed)
            return loss
        }
    }

    private static func loss(_ status: Int32) -> LuaLoss {
        let signal = status & 0x7f
        return signal == 0 ? .exit(status: (status >> 8) & 0xff) : .signal(signal)
    }
}

extension LuaError {
    init(lost loss: LuaLoss) { self.init(.lost(loss), loss.description) }
}
