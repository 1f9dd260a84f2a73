import HearthIsolation

/// A recipe's process for tests: `recipe-worker` keeps to the protocol, `hostile-SEED` does not.
@main
enum TestWorker {
    static func main() {
        let given = Array(CommandLine.arguments.dropFirst())
        let name = given.first ?? ""
        let arguments = Array(given.dropFirst())
        guard name.hasPrefix("hostile-"), let seed = UInt64(name.dropFirst("hostile-".count)) else {
            WorkerProcess.run(arguments)
        }
        WorkerProcess.run(arguments) { link in HostileServer(link, seed: seed).serve() }
    }
}
