import CSandbox
package import HearthLua

/// An engine whose Lua runs in a process of its own. It trusts nothing that comes from there: what does not keep to the
/// protocol, or does not come in time, ends the process, and the engine is dead.
///
/// Mutable state: `replies[d]`, `arguments[d]` and `results[d]` belong to the run or host call at depth d; all else to the
/// one thread that uses the engine.
package final class RemoteEngine: LuaEngine {
    package unowned var host: (any LuaHost)?
    private let program: LuaProgram
    private let worker: Worker
    private let limits: IsolationLimits
    private let replies: UnsafeMutablePointer<LuaWriter>
    private let arguments: UnsafeMutablePointer<LuaWriter>
    private let results: UnsafeMutablePointer<LuaWriter>
    private var frame = FrameWriter()
    private var positions: [LuaPosition?] = []
    package private(set) var depth = 0
    package private(set) var usage = LuaUsage()
    package private(set) var callerPlace: (file: Int, line: Int)?
    private var isStopped = false
    /// How its process ended.
    private var loss: LuaError?
    private var bounds = RunBounds()

    /// Sends the program over and waits until it is compiled.
    init(_ program: LuaProgram, on worker: Worker, _ limits: IsolationLimits) throws(LuaError) {
        self.program = program
        self.worker = worker
        self.limits = limits
        replies = Self.makeBuffers()
        arguments = Self.makeBuffers()
        results = Self.makeBuffers()
        frame.begin(.open)
        frame.put(program)
        let files = UInt64(program.modules.count + program.library.count + 1)
        bounds = RunBounds(milliseconds: program.limits.load.milliseconds * files, outputBytes: 0, limits)
        _ = try run(UnsafeRawBufferPointer(start: nil, count: 0))
    }

    deinit {
        worker.end()
        for buffers in [replies, arguments, results] {
            buffers.deinitialize(count: BridgeEngine.depthMax)
            buffers.deallocate()
        }
    }

    private static func makeBuffers() -> UnsafeMutablePointer<LuaWriter> {
        let buffers = UnsafeMutablePointer<LuaWriter>.allocate(capacity: BridgeEngine.depthMax)
        for depth in 0..<BridgeEngine.depthMax { (buffers + depth).initialize(to: LuaWriter(capacity: 64)) }
        return buffers
    }

    /// The process, for tests that end it.
    package var processID: Int32 { worker.pid }
    package var isDead: Bool { isStopped || worker.hasEnded }
    package var callerLine: Int { callerPlace?.line ?? 0 }

    package func position(of function: FunctionHandle) -> LuaPosition? {
        let place = Int(function.number) - 1
        return positions.indices.contains(place) ? positions[place] : nil
    }

    package func load(module: String, run: LuaRun) throws(LuaError) -> UnsafeRawBufferPointer {
        frame.begin(.load)
        frame.put(module)
        frame.put(run)
        let load = program.limits.load
        bounds = RunBounds(milliseconds: load.milliseconds, outputBytes: load.outputBytes, limits)
        return try self.run(UnsafeRawBufferPointer(start: nil, count: 0))
    }

    package func call(
        _ function: FunctionHandle, _ arguments: UnsafeRawBufferPointer, run: LuaRun, budget: LuaBudget,
        continuing: Bool
    ) throws(LuaError) -> UnsafeRawBufferPointer {
        guard depth < BridgeEngine.depthMax - 1 else { throw LuaError(.runtime, "calls are nested too deep") }
        if isDead { throw LuaError(.dead, "this VM crossed a limit and may not run again") }
        frame.begin(.call)
        frame.put(function.number)
        frame.put(run)
        frame.put(continuing)
        frame.put(budget)
        if depth == 0, !continuing {
            bounds = RunBounds(milliseconds: budget.milliseconds, outputBytes: budget.outputBytes, limits)
        }
        return try self.run(arguments)
    }

    package func collect() {
        guard !isDead, depth == 0 else { return }
        frame.begin(.collect)
        bounds = RunBounds(milliseconds: program.limits.load.milliseconds, outputBytes: 0, limits)
        // One that is lost is dead now, and its owner will see that.
        _ = try? run(UnsafeRawBufferPointer(start: nil, count: 0))
    }

    package func failAllocations(after count: Int) {}

    // MARK: - Messages

    /// What the process sent.
    private enum Message {
        /// Its arguments lie in `arguments[depth]`.
        case host(operation: UInt32, node: UInt32)
        /// What it returned lies in `results[depth]`.
        case done
        case failed(LuaError)
    }

    /// Sends the message in `frame` with `body` behind it and answers what the process asks until it ends the run.
    private func run(_ body: UnsafeRawBufferPointer) throws(LuaError) -> UnsafeRawBufferPointer {
        let begun = depth == 0 ? channel_now() : 0
        let outerPlace = callerPlace
        depth += 1
        defer {
            depth -= 1
            callerPlace = outerPlace
            if depth == 0 { worker.count(channel_now() - begun) }
        }
        do throws(LuaError) {
            try worker.send(frame.bytes, body, deadline: bounds.deadline, within: bounds.milliseconds)
            while true {
                switch try receive() {
                case .host(let operation, let node): try answer(operation, node)
                case .done: return (results + depth).pointee.bytes
                case .failed(let error): throw error
                }
            }
        } catch {
            if case .lost = error.kind, loss == nil { (loss, isStopped) = (error, true) }
            throw error
        }
    }

    private func receive() throws(LuaError) -> Message {
        let bytes = try worker.receive(
            deadline: bounds.deadline, within: bounds.milliseconds, max: bounds.messageBytes)
        do throws(FrameFault) {
            guard bounds.take(bytes.count) else { throw FrameFault("more bytes than its run may send") }
            var reader = FrameReader(bytes)
            switch try reader.kind() {
            case .host: return try takeHostCall(&reader)
            case .done:
                try takeResult(&reader)
                return .done
            case .failed: return .failed(try takeFailure(&reader))
            default: throw FrameFault("a message out of turn")
            }
        } catch {
            throw worker.malformed(error.message)
        }
    }

    private func takeHostCall(_ reader: inout FrameReader) throws(FrameFault) -> Message {
        let operation = try reader.take(UInt32.self)
        let node = try reader.take(UInt32.self)
        callerPlace = try takePlace(&reader)
        if let fault = FlatItems.fault(in: reader.rest) { throw FrameFault("arguments of a host call: \(fault)") }
        // Copied: a call within the answer uses the channel.
        (arguments + depth).pointee.clear()
        (arguments + depth).pointee.write(encoded: reader.rest)
        return .host(operation: operation, node: node)
    }

    private func takePlace(_ reader: inout FrameReader) throws(FrameFault) -> (file: Int, line: Int)? {
        let file = Int(try reader.take(Int32.self))
        let line = Int(try reader.take(Int32.self))
        return program.modules.indices.contains(file) && line > 0 ? (file, line) : nil
    }

    private func takeResult(_ reader: inout FrameReader) throws(FrameFault) {
        try takeUsage(&reader)
        let count = Int(try reader.take(UInt32.self))
        guard count * 8 <= reader.rest.count else { throw FrameFault("\(count) functions in a short message") }
        if count > 0 {
            positions = []
            for _ in 0..<count {
                positions.append(
                    try takePlace(&reader).map { LuaPosition(file: program.modules[$0.file].path, line: $0.line) })
            }
        }
        // What a run left undone must not be committed, whatever its process makes of that.
        if depth == 1, bounds.isAborted { throw FrameFault("a run that was ended went on") }
        let isEmpty = reader.rest.isEmpty
        if let fault = FlatItems.fault(in: reader.rest, count: isEmpty ? 0 : 1) {
            throw FrameFault("a result: \(fault)")
        }
        (results + depth).pointee.clear()
        (results + depth).pointee.write(encoded: reader.rest)
    }

    private func takeFailure(_ reader: inout FrameReader) throws(FrameFault) -> LuaError {
        try takeUsage(&reader)
        return try reader.takeError(program.modules)
    }

    private func takeUsage(_ reader: inout FrameReader) throws(FrameFault) {
        if try reader.takeFlag() { isStopped = true }
        usage = try reader.takeUsage()
    }

    private func answer(_ operation: UInt32, _ node: UInt32) throws(LuaError) {
        let reply = replies + depth
        reply.pointee.clear()
        var reader = LuaReader((arguments + depth).pointee.bytes)
        var status = LuaStatus.error
        if let host {
            status = host.call(operation, node, &reader, &reply.pointee)
        } else {
            reply.pointee.write("there is no host for this operation")
        }
        if status == .abort { bounds.isAborted = true }
        // A call within the answer may have lost the process.
        if let loss { throw loss }
        bounds.hostAnswered()
        frame.begin(.reply)
        frame.put(status.rawValue)
        try worker.send(
            frame.bytes, reply.pointee.bytes, deadline: bounds.deadline, within: bounds.milliseconds)
    }
}
