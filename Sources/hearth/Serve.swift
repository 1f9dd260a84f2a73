import ArgumentParser
import Foundation
import HearthRooms
import HearthSQLite
import HearthServer
import HearthStore
import Logging

/// `hearth serve`
struct Serve: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Serve rooms.",
        discussion: """
            Prints the address to open. Ctrl-C or SIGTERM stops it in good order; a kill loses nothing that anybody \
            was told of.
            """)

    @OptionGroup var what: ServedRecipes

    @OptionGroup var folder: DataFolder

    @OptionGroup var address: ServeAddress

    @Flag(name: .long, help: "Let a socket that names a recipe make its room.")
    var autoCreate = false

    @Flag(name: .long, help: "Reload recipes when their files change. SIGHUP reloads them in any case.")
    var watch = false

    @Option(
        name: .long,
        help: ArgumentHelp("Web pages from here may connect too; more than once, or * for all.", valueName: "origin"))
    var allowOrigin: [String] = []

    @Flag(
        name: .long,
        help: ArgumentHelp(
            "Without tokens, let whoever asks from this machine export rooms and run Lua in them (hearth repl)."))
    var localOperator = false

    @Option(
        name: .long,
        help: ArgumentHelp(
            "none, or process: run recipes in processes of their own, without files and network.", valueName: "how"))
    var isolate = Isolation.none

    @Option(
        name: .long,
        help: ArgumentHelp(
            "How long /readyz says no before sockets are closed, when the server stops.", valueName: "seconds"))
    var drainDelay = 0

    @OptionGroup(title: "Identity") var identity: ServeIdentity

    @OptionGroup(title: "TLS") var tls: ServeTLS

    @OptionGroup(title: "Testing") var testing: ServeTesting

    @OptionGroup(title: "Limits") var limits: ServeLimits

    @OptionGroup(title: "Limits of strangers and crowds") var traffic: ServeTraffic

    @OptionGroup(title: "Compression") var compression: ServeCompression

    @OptionGroup(title: "Limits of recipes and rooms") var recipeLimits: LimitFlags

    @OptionGroup(title: "Limits of recipes and rooms") var slowLane: ServeSlowLane

    @OptionGroup(title: "Logs") var logs: ServeLogs

    func validate() throws {
        guard (0...3_600).contains(drainDelay) else {
            throw ValidationError("The value '\(drainDelay)' is invalid for '--drain-delay': take 0 to 3600 seconds.")
        }
    }

    func run() async throws {
        logs.logFormat.bootstrap(level: logs.logLevel.level)
        do {
            var settings = try settings()
            settings.isolation = try isolate.begin(settings.limits)
            try await Self.serve(settings, on: folder)
        } catch let error as ServerError {
            throw CommandFailure(error.message)
        }
    }

    /// Serves until it is stopped.
    /// - Throws: `CommandFailure` that says what to do.
    static func serve(
        _ settings: ServerConfiguration, on folder: DataFolder, whenListening: @escaping @Sendable () -> Void = {}
    ) async throws {
        var settings = settings
        OpenFiles.raise()
        Allocator.giveBackByItself()
        settings.recipeArchive = URL(filePath: folder.data).appending(path: "recipes").path
        do {
            try folder.makeFolder()
            let migration = MigrationLine()
            let store = try SQLiteStore(
                folder: folder.data,
                configuration: SQLiteStoreConfiguration(
                    onMigration: migration.show,
                    onTrouble: { Logger(label: "hearth").warning("store", metadata: ["cause": "\($0)"]) }))
            migration.finish()
            try await HearthServer(
                configuration: settings, store: store, logger: Logger(label: "hearth"),
                onListening: { [settings] port in
                    let address = address(of: settings, port)
                    Terminal.note("Open \(Terminal.coloured(address, .bold, on: Terminal.errorIsTerminal))")
                    whenListening()
                }
            ).run()
        } catch let error as StoreError {
            throw CommandFailure(error.message)
        } catch let error as ServerError {
            throw CommandFailure(error.message)
        }
    }

    private func settings() throws -> ServerConfiguration {
        var settings = ServerConfiguration()
        settings.tokens = try identity.rules(environment: ProcessInfo.processInfo.environment)
        tls.apply(to: &settings)
        what.apply(to: &settings)
        address.apply(to: &settings)
        settings.autoCreate = autoCreate
        settings.watchesRecipes = watch
        settings.allowedOrigins = allowOrigin
        settings.trustsLocalCallers = localOperator
        settings.closingsFolder = folder.data
        settings.drainDelaySeconds = drainDelay
        settings.limits = try recipeLimits.settings()
        settings.limits.apply(to: &settings.rooms)
        slowLane.apply(to: &settings)
        limits.apply(to: &settings)
        traffic.apply(to: &settings)
        compression.apply(to: &settings)
        settings.hasTestEcho = testing.testEcho
        settings.rooms.faults = testing.faults
        settings.rooms.checksRuns = testing.checkRuns
        return settings
    }

    /// A page to begin with: the chat where there is one, else the list of recipes.
    private static func address(of settings: ServerConfiguration, _ port: Int) -> String {
        let reachable = ["0.0.0.0", "::", ""].contains(settings.host) ? "127.0.0.1" : settings.host
        let name = reachable.contains(":") ? "[\(reachable)]" : reachable
        let scheme = settings.tls == nil ? "http" : "https"
        return "\(scheme)://\(name):\(port)/" + (settings.autoCreate ? page(of: settings.recipes) : "")
    }

    /// The page of the only recipe, or of the chat; of none when there are many, for the index has them all.
    private static func page(of recipes: String) -> String {
        let names = CheckedRecipe.namesWithPage(in: recipes)
        return names.contains("chat") ? "r/chat/lobby" : names.count == 1 ? "r/\(names[0])/\(names[0])" : ""
    }
}

/// What goes wrong on purpose, for people who test their recipes and clients.
struct ServeTesting: ParsableArguments {
    @Option(
        name: .long,
        help: ArgumentHelp(
            "Faults on purpose: seed=N,conflict=P,conflict:HANDLER=N,discard=P,drop=P,delay=MS,refuse=N.",
            valueName: "spec"),
        transform: { text in
            do { return try RoomFaults(text) } catch { throw ValidationError("\(error)") }
        })
    var faults: RoomFaults?

    @Flag(name: .long, help: "Run every handler twice and refuse the event where the two differ.")
    var checkRuns = false

    @Flag(
        name: .long,
        help: ArgumentHelp("Send back every message at /test/echo, for conformance suites.", visibility: .hidden))
    var testEcho = false
}

/// What clients may use.
struct ServeLimits: ParsableArguments {
    @Option(name: .long, help: ArgumentHelp("The largest message a client may send.", valueName: "bytes"))
    var maxMessage = ByteCount(1 << 20)

    @Option(
        name: .long,
        help: ArgumentHelp(
            "Unsent bytes at which a slow reader skips commits and is sent the state.", valueName: "bytes"))
    var maxLag = ByteCount(4 << 20)

    @Option(
        name: .long,
        help: ArgumentHelp("How long a participant may be away and come back as the same.", valueName: "seconds"))
    var sessionTtl = 120

    @Option(name: .long, help: ArgumentHelp("The time between two pings.", valueName: "seconds"))
    var heartbeat = 25

    @Option(name: .long, help: ArgumentHelp("The silence after which a socket is closed.", valueName: "seconds"))
    var heartbeatTimeout = 60

    @Option(
        name: .long, help: ArgumentHelp("Event loops; one is fastest up to two processors.", valueName: "number"))
    var threads = 1

    func validate() throws {
        for (flag, value) in [
            ("--session-ttl", sessionTtl), ("--heartbeat", heartbeat), ("--heartbeat-timeout", heartbeatTimeout),
        ] where !(1...31_536_000).contains(value) {
            throw ValidationError("The value '\(value)' is invalid for '\(flag)': take a number from 1 up.")
        }
        guard (1...256).contains(threads) else {
            throw ValidationError("The value '\(threads)' is invalid for '--threads': take a number from 1 to 256.")
        }
        if heartbeatTimeout <= heartbeat {
            throw ValidationError(
                "'--heartbeat-timeout' is \(heartbeatTimeout) s and '--heartbeat' \(heartbeat) s: "
                    + "the timeout must be longer, or everybody is closed who is quiet.")
        }
    }

    func apply(to settings: inout ServerConfiguration) {
        settings.messageBytesMax = maxMessage.bytes
        settings.lagBytesMax = maxLag.bytes
        settings.rooms.sessionTtlMs = Int64(sessionTtl) * 1_000
        settings.heartbeatSeconds = heartbeat
        settings.heartbeatTimeoutSeconds = heartbeatTimeout
        settings.threads = threads
    }
}

struct ServeLogs: ParsableArguments {
    @Option(name: .long, help: "text for people, json for machines.")
    var logFormat = LogFormat.text

    @Option(name: .long, help: "Lines of this level and above.")
    var logLevel = LogLevel.info
}

extension LogFormat: ExpressibleByArgument {}

/// From which level up log lines are written.
enum LogLevel: String, ExpressibleByArgument, CaseIterable {
    case trace, debug, info, notice, warning, error, critical

    var level: Logger.Level { Logger.Level(rawValue: rawValue) ?? .info }
}
