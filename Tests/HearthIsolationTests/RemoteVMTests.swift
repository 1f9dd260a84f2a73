import Foundation
import HearthIsolation
import HearthLua
import HearthWorkers
import Testing

#if os(Linux)
    @Suite struct `A VM in a process of its own` {
        private final class Host: LuaHost {
            var answer: (UInt32, UInt32, inout LuaReader, inout LuaWriter) -> LuaStatus = { _, _, _, _ in .ok }

            func call(
                _ operation: UInt32, _ node: UInt32, _ arguments: inout LuaReader, _ reply: inout LuaWriter
            ) -> LuaStatus {
                answer(operation, node, &arguments, &reply)
            }
        }

        private let host = Host()
        private let run = LuaRun(now: 1_700_000_000_000, seed: 7)

        private typealias Opened = (vm: LuaVM, declaration: Declaration, process: pid_t)

        private func open(
            _ body: String, rest: String = "", pool: WorkerPool = TestWorkers.pool
        ) throws -> Opened {
            let main = SourceFile(
                path: "recipe.lua", text: "return { run = function(cells, data, ctx) \(body) end \(rest) }")
            var process: pid_t = 0
            let vm = try LuaVM(
                modules: [main], host: host,
                open: { (program: LuaProgram) throws(LuaError) -> any LuaEngine in
                    let engine = try pool.open(program)
                    process = engine.processID
                    return engine
                })
            return (vm, try vm.load(main: main), process)
        }

        private func call(
            _ opened: Opened, _ name: String = "run", budget: LuaBudget = LuaBudget()
        ) throws -> LuaItem {
            let handle = try #require(opened.declaration[name].function?.handle)
            return try opened.vm.call(
                handle, run: run, budget: budget, arguments: { $0.write(LuaNode(1, .cells)) },
                result: { (reader: inout LuaReader) throws(LuaFormatError) in try reader.next() })
        }

        private func failure(
            _ opened: Opened, budget: LuaBudget = LuaBudget()
        ) throws -> LuaError? {
            do {
                _ = try call(opened, budget: budget)
                return nil
            } catch let error as LuaError { return error }
        }

        @Test func `gives what the function returned`() throws {
            let vm = try open("for i = 1, 5000 do end return 'a' .. 1 + 2")
            #expect(try call(vm) == .string("a3"))
            #expect(vm.vm.instructionsUsed > 0 && vm.vm.memoryUsed > 0)
            #expect(vm.declaration["run"].function?.position == LuaPosition(file: "recipe.lua", line: 1))
        }

        @Test func `asks the host, and the host may call it meanwhile`() throws {
            let vm = try open("return cells.n .. cells.m", rest: ", inner = function() return 'inner' end")
            var places: [Int] = []
            host.answer = { operation, _, arguments, reply in
                let key = (try? arguments.next()) ?? .absent
                places.append(vm.vm.callerLine)
                if key == .string("m") {
                    guard case .string(let inner)? = try? self.call(vm, "inner") else { return .error }
                    reply.write(inner)
                } else {
                    reply.write("n")
                }
                return operation == HostOperation.child.rawValue ? .ok : .error
            }
            #expect(try call(vm) == .string("ninner"))
            #expect(places == [1, 1])
        }

        @Test func `tells an error with its line and stack`() throws {
            let vm = try open("\n local function deep() error('no') end\n deep()")
            let error = try #require(try failure(vm))
            #expect(error.kind == .runtime && error.message == "no" && error.file == "recipe.lua" && error.line == 2)
            #expect(
                error.sourceLine == "local function deep() error('no') end" && error.traceback.contains("recipe.lua:3"))
            #expect(!vm.vm.isDead)
        }

        @Test func `stops at its limits`() throws {
            #expect(try failure(open("while true do end"))?.kind == .limit(.instructions))
            let timed = LuaBudget(instructions: 0, milliseconds: 30)
            #expect(try failure(open("while true do end"), budget: timed)?.kind == .limit(.time))
            let vm = try open("local s = 'x' while true do s = s .. s end")
            #expect([.limit(.stringBytes), .limit(.eventMemory)].contains(try failure(vm)?.kind))
            #expect(vm.vm.isDead)
        }

        @Test func `refuses what does not compile`() {
            let main = SourceFile(path: "recipe.lua", text: "return {")
            let error = #expect(throws: LuaError.self) {
                try LuaVM(
                    modules: [main],
                    open: { (program: LuaProgram) throws(LuaError) -> any LuaEngine in
                        try TestWorkers.pool.open(program)
                    })
            }
            #expect(error?.kind == .syntax && error?.file == "recipe.lua")
        }

        @Test func `passes messages larger than the channel`() throws {
            let vm = try open("local v = cells.big return v .. v")
            host.answer = { _, _, _, reply in
                reply.write(String(repeating: "y", count: 1_000_000))
                return .ok
            }
            #expect(try call(vm) == .string(String(repeating: "y", count: 2_000_000)))
        }

        @Test func `is dead when its process is killed in a run, and the owner is told`() throws {
            let vm = try open("return cells.n")
            host.answer = { _, _, _, _ in
                kill(vm.process, SIGKILL)
                return .ok
            }
            #expect(try failure(vm)?.kind == .lost(.signal(SIGKILL)))
            #expect(vm.vm.isDead)
            #expect(try failure(vm)?.kind == .dead)
        }

        @Test func `is killed when it hangs`() throws {
            var limits = IsolationLimits()
            (limits.graceMs, limits.spares) = (50, 0)
            let pool = WorkerPool(command: TestWorkers.command(), limits: limits, luaMemoryBytes: 0)
            defer { pool.close() }
            let vm = try open("return cells.n", pool: pool)
            host.answer = { _, _, _, _ in
                kill(vm.process, SIGSTOP)
                return .ok
            }
            #expect(try failure(vm, budget: LuaBudget(milliseconds: 100))?.kind == .lost(.hung(milliseconds: 150)))
            #expect(kill(vm.process, 0) == -1 && errno == ESRCH)
        }

        @Test func `is gone with its VM`() throws {
            let process = try open("return 1").process
            #expect(kill(process, 0) == -1 && errno == ESRCH)
        }

        @Test func `that was killed while idle is seen to be dead and leaves no zombie`() async throws {
            let vm = try open("return 1")
            kill(vm.process, SIGKILL)
            while !vm.vm.isDead {
                TestWorkers.pool.look()
                await Task.yield()
            }
            #expect(kill(vm.process, 0) == -1 && errno == ESRCH)
        }

        @Test func `cannot be had without a program that locks itself up`() {
            let pool = WorkerPool(command: WorkerCommand(path: "/bin/true"), luaMemoryBytes: 0)
            defer { pool.close() }
            let error = #expect(throws: LuaError.self) { try pool.check() }
            guard case .lost(.unstarted) = error?.kind else {
                Issue.record("\(String(describing: error))")
                return
            }
            let missing = WorkerPool(command: WorkerCommand(path: "/nowhere/hearth"), luaMemoryBytes: 0)
            defer { missing.close() }
            #expect(throws: LuaError.self) { try missing.check() }
        }
    }
#endif
