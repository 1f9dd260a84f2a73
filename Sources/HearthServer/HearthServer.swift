import Foundation
import HTTPTypes
import HearthIdentity
import HearthRecipes
import HearthRooms
package import HearthStore
import HearthTLS
import Hummingbird
import HummingbirdCore
package import Logging
import NIOCore
import NIOPosix
import ServiceLifecycle
import UnixSignals

/// A server: rooms over WebSockets and HTTP on one port, on a store that its caller opened.
package struct HearthServer: Sendable {
    package let configuration: ServerConfiguration
    private let store: any RoomStore
    private let logger: Logger
    private let onListening: @Sendable (Int) -> Void

    /// - Parameters:
    ///   - store: closed by `run` when it returns.
    ///   - onListening: called once with the port, when connections are taken.
    package init(
        configuration: ServerConfiguration, store: any RoomStore, logger: Logger,
        onListening: @escaping @Sendable (Int) -> Void = { _ in }
    ) {
        self.configuration = configuration
        self.store = store
        self.logger = logger
        self.onListening = onListening
    }

    /// Serves until SIGTERM or SIGINT, or until its task is cancelled; returns when everyone was told and all is
    /// written.
    ///
    /// - Throws: `ServerError` when there are no recipes at the path or the port cannot be had.
    package func run() async throws {
        // A peer that goes away while we write, and a file at its size limit, are errors to handle, not ends.
        signal(SIGPIPE, SIG_IGN)
        signal(SIGXFSZ, SIG_IGN)
        let keys = try Credentials(configuration, logger: logger)
        let archive = configuration.recipeArchive.map { RecipeArchive(folder: $0) }
        let sources = try RecipeFolder.sources(in: configuration.recipes, logger: logger)
        var recipes = RecipeFolder.load(
            sources, isolation: configuration.isolation, limits: configuration.limits, logger: logger)
        if sources.isEmpty {
            logger.warning(
                "there are no recipes; `hearth new NAME` writes one", metadata: ["folder": "\(configuration.recipes)"])
        }
        try checkNames(of: recipes)
        if let archive {
            recipes = archive.begin(with: recipes, of: sources, isolation: configuration.isolation, logger: logger)
        }
        let group = MultiThreadedEventLoopGroup(numberOfThreads: max(1, configuration.threads))
        let lane = configuration.slowLaneSeconds > 0 ? SlowLane() : nil
        let host = try RoomHost(
            store: store,
            library: RecipeLibrary(
                entries: recipes, autoCreate: configuration.autoCreate, isolation: configuration.isolation,
                limits: configuration.limits),
            loops: Array(group.makeIterator()), slowLane: lane?.loop,
            slowStay: .seconds(Int64(configuration.slowLaneSeconds)), limits: configuration.rooms,
            idleMs: Int64(configuration.sleepAfterSeconds) * 1_000, traffic: configuration.traffic,
            compressBytesMin: configuration.deflates ? configuration.compressBytesMin : nil,
            closingsFolder: configuration.closingsFolder, logger: logger, archive: archive,
            isForAuthors: configuration.isForAuthors)
        host.library.warnOfContestedParties(logger)
        // Before anybody can ask for one more.
        host.counters.roomsStored.add(try store.roomCount())
        let turnstile = try Turnstile(configuration.traffic, counters: host.counters, logger: logger)
        let reloader = RecipeReloader(host: host, configuration: configuration, logger: logger)
        host.readers.start()
        let rooms = RoomService(host: host, configuration: configuration)
        var services = ServiceGroupConfiguration(
            services: [
                .init(
                    service: Listener(
                        application: application(host, group, reloader, keys, turnstile), turnstile: turnstile),
                    successTerminationBehavior: .gracefullyShutdownGroup),
                .init(
                    service: KeyWatch(
                        verifier: keys.doorkeeper?.verifier, certificates: keys.certificates, readers: host.readers,
                        logger: logger)),
                // Ends first: the rooms let go of their sockets before the listener waits for them.
                .init(service: rooms, successTerminationBehavior: .gracefullyShutdownGroup),
                .init(
                    service: ReloadService(reloader: reloader, configuration: configuration, logger: logger),
                    successTerminationBehavior: .ignore),
            ],
            gracefulShutdownSignals: [.sigterm, .sigint], logger: quiet(logger))
        services.maximumGracefulShutdownDuration = .seconds(
            configuration.drainDelaySeconds + configuration.shutdownSeconds + 2)
        let outcome: Result<Void, any Error>
        do { outcome = .success(try await ServiceGroup(configuration: services).run()) } catch {
            outcome = .failure(error)
        }
        await rooms.finish()
        await lane?.stop()
        try? await group.shutdownGracefully()
        switch outcome {
        case .success: logger.notice("stopped")
        case .failure(let error): throw explain(error)
        }
    }

    /// A limit for a recipe that is not there is a mistake in its name.
    private func checkNames(of recipes: [RecipeLibrary.Entry]) throws(ServerError) {
        let there = Set(recipes.map(\.source.name))
        guard let missing = configuration.limits.recipeNames.subtracting(there).min() else { return }
        throw ServerError(
            "There is a limit for the recipe \"\(missing)\", which is not among those at \(configuration.recipes): "
                + "\(there.sorted().joined(separator: ", ")).")
    }

    private func application(
        _ host: RoomHost, _ group: MultiThreadedEventLoopGroup, _ reloader: RecipeReloader, _ keys: Credentials,
        _ turnstile: Turnstile
    ) -> some Service {
        let router = Router(context: RequestScope.self, options: .autoGenerateHeadEndpoints)
        router.add(middleware: SourceMiddleware(proxies: turnstile.proxies))
        router.add(middleware: OriginMiddleware(origins: keys.origins, logger: logger, counters: host.counters))
        router.add(middleware: RefusalMiddleware(logger: logger, counters: host.counters))
        router.add(middleware: IdentityMiddleware(doorkeeper: keys.doorkeeper))
        ServerRoutes(host: host, turnstile: turnstile).add(to: router)
        RecipeRoutes(host: host, reloader: reloader).add(to: router)
        RoomRoutes(host: host, bodyBytesMax: configuration.messageBytesMax).add(to: router)
        OperatorRoutes(
            host: host, bodyBytesMax: configuration.messageBytesMax,
            trustsLocalCallers: configuration.trustsLocalCallers
        ).add(to: router)
        PageRoutes(host: host).add(to: router)
        let gate = gate(host, keys)
        let logger = quiet(logger)
        return Application(
            responder: router.buildResponder(),
            server: HTTPServerBuilder { responder in
                RoomChannel(
                    responder: responder, gate: gate, limits: configuration.requestLimits, turnstile: turnstile,
                    counters: host.counters,
                    certificates: keys.certificates, tlsLimits: configuration.tlsLimits, logger: self.logger)
            },
            configuration: ApplicationConfiguration(
                address: .hostname(configuration.host, port: configuration.port), serverName: nil, backlog: 1_024),
            onServerRunning: { channel in
                let port = channel.localAddress?.port ?? self.configuration.port
                self.logger.notice(
                    "listening", metadata: ["host": "\(self.configuration.host)", "port": "\(port)"])
                self.onListening(port)
            },
            eventLoopGroupProvider: .shared(group), logger: logger)
    }

    private func gate(_ host: RoomHost, _ keys: Credentials) -> any UpgradeGate {
        let rooms = RoomGate(
            host: host, limits: configuration.socketLimits, origins: keys.origins,
            deflate: configuration.deflates ? .rooms : nil, doorkeeper: keys.doorkeeper)
        guard configuration.hasTestEcho else { return rooms }
        return EchoGate(
            next: rooms, limits: configuration.socketLimits, isDeflating: configuration.deflates, logger: logger)
    }

    /// What the libraries say at `info` is not news to an operator.
    private func quiet(_ logger: Logger) -> Logger {
        var quiet = logger
        if quiet.logLevel >= .info { quiet.logLevel = max(quiet.logLevel, .warning) }
        return quiet
    }

    private func explain(_ error: any Error) -> any Error {
        if error is SocketAddressError {
            return ServerError("\(configuration.host) is not an address of this machine. Choose another with --host.")
        }
        guard let problem = error as? IOError else { return error }
        switch problem.errnoCode {
        case EADDRINUSE:
            return ServerError(
                "Port \(configuration.port) is in use already. Stop what listens there, or choose another with --port.")
        case EACCES:
            return ServerError("Port \(configuration.port) may not be used by this user. Choose one above 1023.")
        case EADDRNOTAVAIL:
            return ServerError("\(configuration.host) is not an address of this machine. Choose another with --host.")
        default: return ServerError("Cannot listen on \(configuration.host):\(configuration.port): \(problem).")
        }
    }
}

/// The listener and those whom it let in: it has ended when the last of them is gone.
private struct Listener<Application: Service>: Service {
    let application: Application
    let turnstile: Turnstile

    func run() async throws {
        try await application.run()
        await turnstile.awaitLastSocket()
    }
}

extension ServerConfiguration {
    var requestLimits: RequestLimits {
        var limits = RequestLimits()
        limits.bodyBytesMax = messageBytesMax
        limits.headTimeout = .seconds(Int64(traffic.headerSeconds))
        limits.bodyTimeout = .seconds(Int64(traffic.bodySeconds))
        limits.idleTimeout = .seconds(Int64(traffic.idleSeconds))
        return limits
    }

    var tlsLimits: TLSLimits {
        var limits = TLSLimits()
        limits.handshakeTimeout = .seconds(Int64(tlsHandshakeSeconds))
        let refusal = Refusal(
            statusCode: 400, code: "tls_required", message: "this port speaks TLS: use https:// or wss://")
        let head =
            "HTTP/1.1 400 Bad Request\r\nContent-Type: application/json; charset=utf-8\r\n"
            + "Content-Length: \(refusal.body.count)\r\nConnection: close\r\n\r\n"
        limits.answerToPlainHTTP = Array(head.utf8) + refusal.body
        return limits
    }

    var socketLimits: SocketLimits {
        var limits = SocketLimits()
        limits.messageBytesMax = messageBytesMax
        limits.lagBytesMax = lagBytesMax
        limits.joinTimeout = .seconds(Int64(traffic.joinSeconds))
        limits.heartbeat = .seconds(Int64(heartbeatSeconds))
        limits.heartbeatTimeout = .seconds(Int64(heartbeatTimeoutSeconds))
        return limits
    }
}
