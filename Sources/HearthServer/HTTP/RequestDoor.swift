import HTTPTypes
import HearthTLS
import Logging
import NIOCore
import NIOHTTP1

/// Stands before everything that serves HTTP/1.1 on a connection: answers what is no request, and what takes too long or
/// too much, and closes. Leaves a connection that may become a WebSocket.
///
/// NIO's own handler answers what it cannot parse without a body, and leaves the connection open for ever.
final class RequestDoor: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias InboundOut = HTTPServerRequestPart
    typealias OutboundIn = HTTPServerResponsePart
    typealias OutboundOut = HTTPServerResponsePart

    private let limits: RequestLimits
    private let visit: Visit?
    private let counters: ServerCounters
    private let logger: Logger
    /// Of the request that is being read; nil between requests.
    private var reading: HTTPRequestHead?
    private var hasRead = false
    private var bodyBytes = 0
    /// Requests read whose answers are not all written, the one being read included.
    private var unanswered = 0
    private var isAnswering = false
    /// The request that is being answered is the connection's last.
    private var isLast = false
    /// The last word has been said: what comes is not read, and what others answer not sent.
    private var isOver = false
    private var timer: Scheduled<Void>?
    /// Parts of answers written so far, and the bytes that had not gone when it was last looked at.
    private var partsWritten = 0
    private var lastSeen = (parts: 0, unsent: 0)
    private var restTimer: Scheduled<Void>?

    init(limits: RequestLimits, visit: Visit? = nil, counters: ServerCounters, logger: Logger) {
        self.limits = limits
        self.visit = visit
        self.counters = counters
        self.logger = logger
    }

    func handlerAdded(context: ChannelHandlerContext) { expect(.headerTime, limits.headTimeout, context) }

    func handlerRemoved(context: ChannelHandlerContext) {
        timer?.cancel()
        restTimer?.cancel()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !isOver else { return }
        switch Self.unwrapInboundIn(data) {
        case .head(let head): read(head, context)
        case .body(let part):
            bodyBytes += part.readableBytes
            guard bodyBytes <= limits.bodyBytesMax else { return refuse(.tooLarge(limits.bodyBytesMax), context) }
            context.fireChannelRead(data)
        case .end:
            reading = nil
            timer?.cancel()
            context.fireChannelRead(data)
        }
    }

    private func read(_ head: HTTPRequestHead, _ context: ChannelHandlerContext) {
        let isFirst = !hasRead
        hasRead = true
        reading = head
        bodyBytes = 0
        // The rest timer goes on: an answer before this one may still be waiting to be taken.
        unanswered += 1
        expect(.bodyTime, limits.bodyTimeout, context)
        if let refusal = visit?.receive(head) ?? limits.refusal(of: head) { return refuse(refusal, context) }
        var head = head
        if head.headers.contains(name: "upgrade") {
            if isFirst {
                context.fireChannelRead(Self.wrapInboundOut(.head(head)))
                return context.pipeline.syncOperations.removeHandler(self, promise: nil)
            }
            // Too late for a WebSocket, and no way past the limits. The parser takes what follows for another protocol.
            head.headers.remove(name: "upgrade")
            head.headers.replaceOrAdd(name: "connection", value: "close")
        }
        if head.version == .http1_0 || head.isForwarded {
            head.headers.replaceOrAdd(name: "connection", value: "close")
        }
        isLast = head.headers[canonicalForm: "connection"].contains { $0.lowercased() == "close" }
        if head.headers[canonicalForm: "expect"].contains(where: { $0.lowercased() == "100-continue" }) {
            let go = HTTPResponseHead(version: .http1_1, status: .continue)
            context.writeAndFlush(Self.wrapOutboundOut(.head(go)), promise: nil)
        }
        context.fireChannelRead(Self.wrapInboundOut(.head(head)))
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        guard !isOver else {
            promise?.fail(ChannelError.ioOnClosedChannel)
            return
        }
        partsWritten += 1
        switch Self.unwrapOutboundIn(data) {
        case .head(var head):
            if head.status.code < 200 { break }
            isAnswering = true
            watch(context)
            if isLast {
                head.headers.replaceOrAdd(name: "connection", value: "close")
                return context.write(Self.wrapOutboundOut(.head(head)), promise: promise)
            }
        case .body: break
        case .end:
            isAnswering = false
            unanswered -= 1
            watch(context)
        }
        context.write(data, promise: promise)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        guard let error = error as? HTTPParserError else {
            // Not more than `debug`: clients go like that every day. TLS has said its own.
            if !(error is TLSError) {
                let remote = visit?.remoteName ?? context.channel.remoteName
                logger.debug("connection closed", metadata: ["remote": "\(remote)", "cause": "\(error)"])
            }
            return context.fireErrorCaught(error)
        }
        refuse(error == .headerOverflow ? .headTooLarge : .noRequest("\(error)"), context)
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if event is PlaceTaken { refuse(.placeTaken, context) }
        // The server stops. A connection that has come with no request yet is not waited for.
        if event is ChannelShouldQuiesceEvent, unanswered == 0, partsWritten == 0 {
            isOver = true
            context.close(promise: nil)
        }
        context.fireUserInboundEventTriggered(event)
    }

    // MARK: - Rest

    /// From an answer on: the client has to take it, and to come with its next request or go.
    private func watch(_ context: ChannelHandlerContext) {
        restTimer?.cancel()
        lastSeen = (partsWritten, .max)
        lookLater(context)
    }

    private func lookLater(_ context: ChannelHandlerContext) {
        let door = NIOLoopBound((self, context), eventLoop: context.eventLoop)
        restTimer = context.eventLoop.scheduleTask(in: limits.idleTimeout) {
            let (door, context) = door.value
            door.look(context)
        }
    }

    private func look(_ context: ChannelHandlerContext) {
        guard !isOver else { return }
        let unsent = Int((try? context.channel.syncOptions?.getOption(.bufferedWritableBytes)) ?? 0)
        let isMoving =
            partsWritten > lastSeen.parts || 0 < unsent && unsent < lastSeen.unsent || unanswered > 0 && unsent == 0
        guard !isMoving else {
            lastSeen = (partsWritten, unsent)
            return lookLater(context)
        }
        isOver = true
        counters.limits.add(.idleTime)
        let remote = visit?.remoteName ?? context.channel.remoteName
        logger.log(
            level: unsent > 0 ? .info : .debug, "connection closed",
            metadata: [
                "remote": "\(remote)",
                "cause": unsent > 0 ? "an answer was not taken, \(unsent) bytes of it" : "no request came",
            ])
        context.close(promise: nil)
    }

    // MARK: - Saying no

    private func expect(_ limit: ServerLimit, _ timeout: TimeAmount, _ context: ChannelHandlerContext) {
        timer?.cancel()
        let door = NIOLoopBound((self, context), eventLoop: context.eventLoop)
        timer = context.eventLoop.scheduleTask(in: timeout) {
            let (door, context) = door.value
            door.refuse(.tooSlow(limit, timeout), context)
        }
    }

    /// Answers, unless the answer to another request is awaited, and closes: first our side, so that the answer arrives.
    private func refuse(_ refusal: Refusal, _ context: ChannelHandlerContext) {
        guard !isOver else { return }
        isOver = true
        timer?.cancel()
        restTimer?.cancel()
        counters.count(refusal)
        let refusal = refusal.traced
        log(refusal, context)
        if !isAnswering, unanswered <= (reading == nil ? 0 : 1) {
            var head = HTTPResponseHead(
                version: .http1_1, status: .init(statusCode: refusal.statusCode),
                headers: [
                    "Content-Type": "application/json; charset=utf-8", "Cache-Control": "no-store",
                    "Content-Length": "\(refusal.body.count)", "Connection": "close",
                ])
            if let seconds = refusal.retryAfter { head.headers.add(name: "Retry-After", value: String(seconds)) }
            context.write(Self.wrapOutboundOut(.head(head)), promise: nil)
            context.write(Self.wrapOutboundOut(.body(.byteBuffer(ByteBuffer(bytes: refusal.body)))), promise: nil)
            context.writeAndFlush(Self.wrapOutboundOut(.end(nil)), promise: nil)
        }
        context.close(mode: .output, promise: nil)
        let channel = context.channel
        timer = context.eventLoop.scheduleTask(in: limits.closeTimeout) { channel.close(promise: nil) }
    }

    private func log(_ refusal: Refusal, _ context: ChannelHandlerContext) {
        let leftOut = refusal.limit == nil ? 0 : visit.map { $0.takeLogLine() } ?? 0
        guard let leftOut else { return }
        var metadata: Logger.Metadata = [
            "remote": "\(visit?.remoteName ?? context.channel.remoteName)",
            "code": "\(refusal.code)", "cause": "\(refusal.message)", "trace": "\(refusal.trace ?? "-")",
        ]
        if let reading {
            metadata["method"] = "\(reading.method.rawValue)"
            metadata["path"] = "\(reading.uri.prefix { $0 != "?" })"
        }
        if leftOut > 0 { metadata["left_out"] = "\(leftOut)" }
        logger.info("request refused", metadata: metadata)
    }
}

extension HTTPRequestHead {
    /// Whether a proxy passes it on. Some proxies ask for a WebSocket on a connection that has served other requests, and
    /// that is too late: so theirs are not kept.
    fileprivate var isForwarded: Bool {
        ["x-forwarded-for", "forwarded", "via"].contains { headers.contains(name: $0) }
    }
}

@available(*, unavailable)
extension RequestDoor: Sendable {}
