import Logging
import NIOConcurrencyHelpers
import NIOCore
import NIOHTTP1
import NIOWebSocket

/// The upgrade of one connection. NIO's upgrader does the handshake; the pipeline is our own, without a frame encoder.
final class RoomUpgrader: NIOTypedHTTPServerProtocolUpgrader {
    typealias UpgradeResult = RoomChannel.Outcome

    let supportedProtocol = "websocket"
    let requiredUpgradeHeaders: [String] = []
    private let handshake: NIOTypedWebSocketServerUpgrader<RoomChannel.Outcome>
    private let decision: NIOLockedValueBox<Decision?>

    /// - Parameter decision: where the decision about this connection is left for the HTTP side to find.
    init(gate: any UpgradeGate, decision: NIOLockedValueBox<Decision?>) {
        self.decision = decision
        handshake = NIOTypedWebSocketServerUpgrader(
            shouldUpgrade: { channel, head in
                let request = UpgradeRequest(head)
                return gate.admit(request, on: channel).hop(to: channel.eventLoop).map { admission in
                    decision.withLockedValue { $0 = Decision(request: request, admission: admission) }
                    guard case .admitted(let welcome) = admission else { return nil }
                    guard let subprotocol = welcome.subprotocol else { return HTTPHeaders() }
                    return HTTPHeaders([("Sec-WebSocket-Protocol", subprotocol)])
                }
            },
            upgradePipelineHandler: { channel, _ in channel.eventLoop.makeSucceededFuture(.socket) })
    }

    func buildUpgradeResponse(
        channel: any Channel, upgradeRequest: HTTPRequestHead, initialResponseHeaders: HTTPHeaders
    ) -> EventLoopFuture<HTTPHeaders> {
        let decision = decision
        return handshake.buildUpgradeResponse(
            channel: channel, upgradeRequest: upgradeRequest, initialResponseHeaders: initialResponseHeaders
        ).flatMapErrorThrowing { error in
            decision.withLockedValue { known in
                guard known == nil else { return }
                known = Decision(request: UpgradeRequest(upgradeRequest), admission: .refused(.badUpgrade))
            }
            throw error
        }
    }

    func upgrade(channel: any Channel, upgradeRequest: HTTPRequestHead) -> EventLoopFuture<RoomChannel.Outcome> {
        channel.eventLoop.makeCompletedFuture {
            guard case .admitted(let welcome)? = decision.withLockedValue({ $0?.admission }) else {
                throw ChannelError.inappropriateOperationForState
            }
            let lag = welcome.limits.lagBytesMax
            let decoder = WebSocketFrameDecoder(maxFrameSize: welcome.limits.messageBytesMax)
            try channel.syncOptions?.setOption(
                .writeBufferWaterMark, value: .init(low: max(1, lag / 4), high: max(1, lag)))
            try channel.pipeline.syncOperations.addHandler(ByteToMessageHandler(decoder))
            try channel.pipeline.syncOperations.addHandler(welcome.makeHandler(channel))
            return .socket
        }
    }
}
