import HearthTLS
import HummingbirdCore
import Logging
import NIOConcurrencyHelpers
import NIOCore
import NIOHTTP1
import NIOHTTPTypes
import NIOHTTPTypesHTTP1

/// A connection as hummingbird's server sees it: HTTP/1.1 whose first request may become a WebSocket.
///
/// After an upgrade nothing of hummingbird is left, neither in the pipeline nor a task of its: a socket lives on its
/// loop alone, and the turnstile knows who is still there.
struct RoomChannel: ServerChildChannel {
    /// What a connection turned out to be.
    enum Outcome: Sendable {
        case http(NIOAsyncChannel<HTTPRequestPart, HTTPResponsePart>)
        case refused(NIOAsyncChannel<HTTPRequestPart, HTTPResponsePart>, Refusal, UpgradeRequest)
        case socket
    }

    struct Value: ServerChildChannelValue {
        let channel: any Channel
        let visit: Visit
        let outcome: EventLoopFuture<Outcome>
    }

    /// A connection keeps the buffer that it reads into as long as it lives. Few heads of requests and few messages are
    /// longer than this; where they are, the next one is twice as long.
    private static let reading = AdaptiveRecvByteBufferAllocator(minimum: 64, initial: 512, maximum: 65_536)

    private let http: HTTP1Channel
    private let gate: any UpgradeGate
    private let limits: RequestLimits
    private let turnstile: Turnstile
    private let counters: ServerCounters
    /// nil: plain TCP.
    private let certificates: TLSCertificates?
    private let tlsLimits: TLSLimits
    private let logger: Logger

    init(
        responder: @escaping HTTPChannelHandler.Responder, gate: any UpgradeGate, limits: RequestLimits,
        turnstile: Turnstile, counters: ServerCounters,
        certificates: TLSCertificates? = nil, tlsLimits: TLSLimits = TLSLimits(), logger: Logger
    ) {
        http = HTTP1Channel(responder: responder)
        self.gate = gate
        self.limits = limits
        self.turnstile = turnstile
        self.counters = counters
        self.certificates = certificates
        self.tlsLimits = tlsLimits
        self.logger = logger
    }

    func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<Value> {
        let value = channel.eventLoop.makeCompletedFuture { try build(channel, logger) }
        // Nobody else would: a connection that cannot be served would keep its file for ever.
        value.whenFailure { _ in channel.close(promise: nil) }
        return value
    }

    private func build(_ channel: any Channel, _ logger: Logger) throws -> Value {
        guard let visit = turnstile.enter(channel) else { throw ChannelError.eof }
        try channel.syncOptions?.setOption(.recvAllocator, value: Self.reading)
        if let certificates {
            let counters = counters
            try channel.pipeline.syncOperations.addHandler(
                TLSHandler(certificates, limits: tlsLimits, logger: self.logger) { refusal in
                    if refusal == .slow { counters.limits.add(.tlsHandshakeTime) }
                    counters.tlsFailed.add()
                })
        }
        let decision = NIOLockedValueBox<Decision?>(nil)
        let upgrade = NIOTypedHTTPServerUpgradeConfiguration<Outcome>(
            upgraders: [RoomUpgrader(gate: gate, visit: visit, decision: decision)],
            notUpgradingCompletionHandler: { channel in
                channel.eventLoop.makeCompletedFuture {
                    let connection = try asHTTP(channel, logger: logger)
                    guard let decision = decision.withLockedValue({ $0 }),
                        case .refused(let refusal) = decision.admission
                    else { return .http(connection) }
                    return .refused(connection, refusal, decision.request)
                }
            })
        var configuration = NIOUpgradableHTTPServerPipelineConfiguration(upgradeConfiguration: upgrade)
        configuration.enablePipelining = false
        configuration.enableResponseHeaderValidation = false
        configuration.enableErrorHandling = false
        let outcome = try channel.pipeline.syncOperations.configureUpgradableHTTPServerPipeline(
            configuration: configuration)
        let pipeline = channel.pipeline.syncOperations
        let upgrader = try pipeline.handler(type: NIOTypedHTTPServerUpgradeHandler<Outcome>.self)
        try pipeline.addHandlers(
            [
                UpgradeFilter(),
                RequestDoor(limits: limits, visit: visit, counters: counters, logger: self.logger),
            ], position: .before(upgrader))
        return Value(channel: channel, visit: visit, outcome: outcome)
    }

    /// Answers and closes. The request itself is gone: NIO's upgrade handler has taken it.
    private func refuse(
        _ connection: NIOAsyncChannel<HTTPRequestPart, HTTPResponsePart>, _ refusal: Refusal
    ) async throws {
        try await connection.executeThenClose { _, outbound in
            try await outbound.write(contentsOf: refusal.parts)
            outbound.finish()
            try await connection.channel.closeFuture.get()
        }
    }

    private func asHTTP(
        _ channel: any Channel, logger: Logger
    ) throws -> NIOAsyncChannel<HTTPRequestPart, HTTPResponsePart> {
        let pipeline = channel.pipeline.syncOperations
        try pipeline.addHandler(HTTP1ToHTTPServerCodec(secure: certificates != nil))
        // The door keeps the time.
        try pipeline.addHandler(HTTPConnectionStateHandler(idleTimeout: nil, logger: logger))
        return try NIOAsyncChannel(
            wrappingChannelSynchronously: channel, configuration: .init(isOutboundHalfClosureEnabled: true))
    }

    func handle(value: Value, logger: Logger) async {
        do {
            switch try await value.outcome.get() {
            case .socket: break
            case .http(let connection): await http.handle(value: connection, logger: logger)
            case .refused(let connection, let untraced, let request):
                let refusal = untraced.traced
                counters.socketsRefused.add()
                counters.count(refusal)
                self.logger.info(
                    "upgrade refused",
                    metadata: [
                        "room": "\(request.room ?? "-")", "path": "\(request.path)",
                        "remote": "\(value.visit.remoteName)", "code": "\(refusal.code)",
                        "cause": "\(refusal.message)", "trace": "\(refusal.trace ?? "-")",
                    ])
                try await refuse(connection, refusal)
            }
        } catch {
            self.logger.debug(
                "connection ended before its first request",
                metadata: ["remote": "\(value.visit.remoteName)", "cause": "\(error)"])
            value.channel.close(promise: nil)
        }
    }
}
