import NIOCore
import NIOHTTP1

/// Takes the `Upgrade` header off a first request that does not ask for a WebSocket (`h2c`, nothing at all, a body, another
/// method).
///
/// NIO's upgrade handler drops the head of every request with that header; without this such a request would never be
/// answered. The request door leaves a connection whose first request still has it. Stands before both, looks at the first
/// head and leaves the pipeline.
final class UpgradeFilter: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias InboundOut = HTTPServerRequestPart

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard case .head(var head) = Self.unwrapInboundIn(data) else { return context.fireChannelRead(data) }
        let offers = head.headers[canonicalForm: "upgrade"].map { $0.lowercased() }
        let hasBody =
            head.headers["content-length"].contains { $0 != "0" } || head.headers.contains(name: "transfer-encoding")
        if head.method != .GET || hasBody || !offers.contains("websocket") {
            head.headers.remove(name: "upgrade")
        }
        context.fireChannelRead(Self.wrapInboundOut(.head(head)))
        context.pipeline.syncOperations.removeHandler(self, promise: nil)
    }
}
