import CSandbox

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// How a recipe's process is started: the program `hearth` itself, under a name that its help does not list.
package struct WorkerCommand: Sendable {
    /// The program's file.
    package var path: String
    /// What may be added to the Lua heap and all beside it, in bytes; 0: no limit.
    package var memoryBytes: UInt64 = 0

    /// The subcommand.
    package var name: String
    package static let name = "recipe-worker"

    package init(path: String = "/proc/self/exe", name: String = WorkerCommand.name) {
        self.path = path
        self.name = name
    }

    /// - Returns: 0 or an errno.
    func spawn(_ socket: Int32, _ memory: Int32, _ limits: IsolationLimits, _ pid: inout pid_t) -> Int32 {
        let arguments = ["hearth", name, "\(getpid())", "\(memoryBytes)", "\(limits.extraCPUSeconds)"]
        return withCStrings(arguments) { arguments in
            withCStrings(Self.environment) { environment in
                sandbox_spawn(path, arguments, environment, socket, memory, &pid)
            }
        }
    }

    /// A crash is told by its signal, not by a backtrace that would need files; a server that finds its libraries by the
    /// environment has to pass that on.
    private static var environment: [String] {
        var environment = ["SWIFT_BACKTRACE=enable=no"]
        if let path = getenv("LD_LIBRARY_PATH") { environment.append("LD_LIBRARY_PATH=" + String(cString: path)) }
        return environment
    }
}

private func withCStrings<Result>(
    _ texts: [String], _ body: (UnsafePointer<UnsafeMutablePointer<CChar>?>) -> Result
) -> Result {
    var pointers: [UnsafeMutablePointer<CChar>?] = texts.map { strdup($0) } + [nil]
    defer { for pointer in pointers { free(pointer) } }
    return pointers.withUnsafeMutableBufferPointer { buffer in
        // It ends with nil, so it is never empty.
        body(UnsafePointer(buffer.baseAddress.unsafelyUnwrapped))
    }
}
