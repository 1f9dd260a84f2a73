import CSandbox
import HearthLua

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// A recipe's process from inside: locks itself up, then runs what its parent sends until that is gone.
package enum WorkerProcess {
    /// - Parameter arguments: those behind the subcommand's name: the parent's process id, the bytes of memory that may be
    ///   added (0: no limit), the seconds of processor time; for tests of the filter, then, `probe` and a probe's name.
    package static func run(_ arguments: [String]) -> Never { run(arguments) { ProgramServer($0).serve() } }

    /// - Parameter serve: what it does once it is locked up.
    package static func run(_ arguments: [String], serve: (ParentLink) -> Never) -> Never {
        guard arguments.count == 3 || arguments.count == 5, let parent = pid_t(arguments[0]),
            let memory = UInt64(arguments[1]), let seconds = UInt64(arguments[2])
        else { exit(64) }
        if arguments.count == 5 { probe(arguments[4], parent, memory, seconds) }
        guard let channel = channel_open(SANDBOX_SOCKET_FD, SANDBOX_MEMORY_FD, false) else { exit(71) }
        warmUp()
        let failure = sandbox_enter(parent, memory, seconds)
        let link = ParentLink(channel)
        link.frame.begin(.hello)
        link.frame.put(failure.step)
        link.frame.put(failure.error)
        link.send(UnsafeRawBufferPointer(start: nil, count: 0))
        guard failure.step == Int32(SANDBOX_STEP_NONE.rawValue) else { exit(77) }
        serve(link)
    }

    /// What a runtime and a library open, seed or resolve at their first use is done while they may.
    private static func warmUp() {
        let main = SourceFile(path: "recipe.lua", text: "return { run = function() return os.date('%c', 0) end }")
        let program = LuaProgram(modules: [main], limits: LuaLimits(), prelude: nil, library: [])
        guard let engine = try? BridgeEngine(program) else { return }
        let run = LuaRun(now: 0, seed: 1)
        _ = try? engine.load(module: main.moduleName, run: run)
        _ = try? engine.call(
            FunctionHandle(1), UnsafeRawBufferPointer(start: nil, count: 0), run: run, budget: LuaBudget(),
            continuing: false)
    }

    /// Tries one forbidden call. Only the filter keeps it from ending with status 0.
    private static func probe(_ name: String, _ parent: pid_t, _ memory: UInt64, _ seconds: UInt64) -> Never {
        guard sandbox_enter(parent, memory, seconds).step == Int32(SANDBOX_STEP_NONE.rawValue) else { exit(77) }
        exit(name == "nothing" || sandbox_probe(name) == 0 ? 0 : 64)
    }

    /// The names of forbidden calls that can be tried.
    package static var probes: [String] {
        var names: [String] = []
        guard var next = sandbox_probes() else { return [] }
        while let name = next.pointee {
            names.append(String(cString: name))
            next += 1
        }
        return names
    }
}

/// The process's end of the channel. When its parent is gone, so is it.
package final class ParentLink {
    private let channel: OpaquePointer
    package var frame = FrameWriter()

    init(_ channel: OpaquePointer) { self.channel = channel }

    /// Sends the message in `frame` with `body` behind it.
    package func send(_ body: UnsafeRawBufferPointer) {
        let status = frame.bytes.withUnsafeBytes { head in
            channel_send(channel, head.baseAddress, head.count, body.baseAddress, body.count, 0)
        }
        if status != Int32(CHANNEL_OK.rawValue) { exit(0) }
    }

    /// - Returns: bytes that stay valid until the next `send` or `receive`.
    package func receive() -> UnsafeRawBufferPointer {
        var bytes: UnsafePointer<UInt8>?
        var count = 0
        let status = channel_receive(channel, 0, Int(UInt32.max), &bytes, &count)
        if status != Int32(CHANNEL_OK.rawValue) { exit(0) }
        return UnsafeRawBufferPointer(start: bytes, count: count)
    }
}
