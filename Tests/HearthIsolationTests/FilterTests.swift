import CSandbox
import Foundation
import HearthIsolation
import HearthWorkers
import Testing

#if os(Linux)
    /// A real process locks itself up and tries one thing. What it may not do ends it by SIGSYS, before it is done.
    @Suite struct `A recipe's process` {
        @Test(arguments: WorkerProcess.probes) func `is ended when it tries to`(probe: String) throws {
            #expect(try run(probe) == .signal(SIGSYS))
        }

        @Test func `ends well when it tries nothing`() throws {
            #expect(try run("nothing") == .exit(0))
        }

        @Test func `does not begin for a parent that is not its own`() throws {
            #expect(try run("nothing", parent: 1) == .exit(77))
        }

        private enum End: Equatable {
            case exit(Int32)
            case signal(Int32)
        }

        private func run(_ probe: String, parent: pid_t = getpid()) throws -> End {
            var (own, theirs, memory) = (Int32(-1), Int32(-1), Int32(-1))
            try #require(channel_make(&own, &theirs, &memory) == 0)
            defer { for file in [own, theirs, memory] { close(file) } }
            var pid: pid_t = -1
            let words = ["hearth", WorkerCommand.name, "\(parent)", "\(64 << 20)", "5", "probe", probe]
            var arguments = words.map { strdup($0) } + [nil]
            defer { for argument in arguments { free(argument) } }
            var environment: [UnsafeMutablePointer<CChar>?] = [nil]
            try #require(sandbox_spawn(TestWorkers.command().path, &arguments, &environment, theirs, memory, &pid) == 0)
            var status: Int32 = 0
            #expect(sandbox_reap(pid, true, &status))
            return status & 0x7f == 0 ? .exit((status >> 8) & 0xff) : .signal(status & 0x7f)
        }
    }
#endif
