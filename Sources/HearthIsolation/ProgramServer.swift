package import HearthLua

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// Runs one program for the parent: opens, loads and calls, and passes every host operation on to it.
package final class ProgramServer: LuaHost {
    private let link: ParentLink
    private var engine: BridgeEngine?
    private var files: [SourceFile] = []

    package init(_ link: ParentLink) { self.link = link }

    package func serve() -> Never {
        while true { perform(link.receive()) }
    }

    /// One message of the parent, which is trusted: what makes no sense is a mistake in this program.
    package func perform(_ message: UnsafeRawBufferPointer) {
        var reader = FrameReader(message)
        do throws(FrameFault) {
            switch try reader.kind() {
            case .open: end(open(try reader.takeProgram()))
            case .load:
                let module = try reader.takeText()
                end(load(module, try reader.takeRun()), tellsPositions: true)
            case .call: try call(&reader)
            case .collect:
                engine?.collect()
                end(.success(UnsafeRawBufferPointer(start: nil, count: 0)))
            default: throw FrameFault("a message out of turn")
            }
        } catch {
            exit(76)
        }
    }

    private func open(_ program: LuaProgram) -> Result<UnsafeRawBufferPointer, LuaError> {
        do throws(LuaError) {
            let engine = try BridgeEngine(program)
            engine.host = self
            self.engine = engine
            files = program.modules
            return .success(UnsafeRawBufferPointer(start: nil, count: 0))
        } catch {
            return .failure(error)
        }
    }

    private func load(_ module: String, _ run: LuaRun) -> Result<UnsafeRawBufferPointer, LuaError> {
        guard let engine else { return .failure(LuaError(.host, "no program was opened")) }
        do throws(LuaError) { return .success(try engine.load(module: module, run: run)) } catch {
            return .failure(error)
        }
    }

    private func call(_ reader: inout FrameReader) throws(FrameFault) {
        guard let engine else { throw FrameFault("no program was opened") }
        let function = FunctionHandle(try reader.take(UInt32.self))
        let run = try reader.takeRun()
        let continuing = try reader.takeFlag()
        var budget = try reader.takeBudget()
        // Whoever waits for this process knows wall time only.
        budget.countsWaiting = true
        // Copied: the channel's buffer is used by the host calls of the run.
        var arguments = LuaWriter(capacity: max(reader.rest.count, 16))
        arguments.write(encoded: reader.rest)
        do throws(LuaError) {
            end(
                .success(
                    try engine.call(function, arguments.bytes, run: run, budget: budget, continuing: continuing)))
        } catch {
            end(.failure(error))
        }
    }

    /// Tells the parent how a message of its ended.
    private func end(_ outcome: Result<UnsafeRawBufferPointer, LuaError>, tellsPositions: Bool = false) {
        link.frame.begin(outcome.isSuccess ? .done : .failed)
        link.frame.put(engine?.isDead ?? true)
        link.frame.put(engine?.usage ?? LuaUsage())
        switch outcome {
        case .success(let bytes):
            putPositions(tellsPositions)
            link.send(bytes)
        case .failure(let error):
            link.frame.put(error)
            link.send(UnsafeRawBufferPointer(start: nil, count: 0))
        }
    }

    private func putPositions(_ areTold: Bool) {
        let places = areTold ? functionPlaces : []
        link.frame.put(UInt32(places.count))
        for place in places { put(place) }
    }

    private func put(_ place: (file: Int, line: Int)?) {
        link.frame.put(Int32(clamping: place?.file ?? -1))
        link.frame.put(Int32(clamping: place?.line ?? 0))
    }

    /// Where the functions of the declaration are defined, in the order of their handles.
    private var functionPlaces: [(file: Int, line: Int)?] {
        var places: [(file: Int, line: Int)?] = []
        while let position = engine?.position(of: FunctionHandle(UInt32(places.count + 1))) {
            places.append(files.firstIndex { $0.path == position.file }.map { ($0, position.line) })
        }
        return places
    }

    // MARK: - Host operations

    package func call(
        _ operation: UInt32, _ node: UInt32, _ arguments: inout LuaReader, _ reply: inout LuaWriter
    ) -> LuaStatus {
        link.frame.begin(.host)
        link.frame.put(operation)
        link.frame.put(node)
        put(engine?.callerPlace)
        link.send(arguments.rest)
        while true {
            let message = link.receive()
            var reader = FrameReader(message)
            guard let kind = try? reader.kind() else { exit(76) }
            guard kind == .reply else {
                // The host calls a function before it answers.
                perform(message)
                continue
            }
            guard let number = try? reader.take(Int32.self), let status = LuaStatus(rawValue: number) else { exit(76) }
            reply.write(encoded: reader.rest)
            return status
        }
    }
}

extension Result {
    fileprivate var isSuccess: Bool {
        if case .success = self { true } else { false }
    }
}
