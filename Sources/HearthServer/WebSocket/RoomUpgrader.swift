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
    init(gate: any UpgradeGate, visit: Visit, decision: NIOLockedValueBox<Decision?>) {
        self.decision = decision
        handshake = NIOTypedWebSocketServerUpgrader(
            shouldUpgrade: { channel, head in
                let request = UpgradeRequest(head)
                return gate.admit(request, on: channel, visit).hop(to: channel.eventLoop).map { admission in
                    guard case .admitted(let welcome) = admission else {
                        decision.withLockedValue { $0 = Decision(request: request, admission: admission) }
                        return nil
                    }
                    let agreement = welcome.deflate?.agreement(on: request.extensions ?? [])
                    decision.withLockedValue {
                        $0 = Decision(request: request, admission: admission, agreement: agreement)
                    }
                    var headers = HTTPHeaders()
                    if let subprotocol = welcome.subprotocol {
                        headers.add(name: "Sec-WebSocket-Protocol", value: subprotocol)
                    }
                    if let agreement { headers.add(name: "Sec-WebSocket-Extensions", value: agreement.text) }
                    return headers
                }
            },
            upgradePipelineHandler: { channel, _ in channel.eventLoop.makeSucceededFuture(.socket) })
    }

    func buildUpgradeResponse(
        channel: any Channel, upgradeRequest: HTTPRequestHead, initialResponseHeaders: HTTPHeaders
    ) -> EventLoopFuture<HTTPHeaders> {
        let decision = decision
        if let refusal = Handshake.refusal(of: upgradeRequest) {
            decision.withLockedValue {
                $0 = Decision(request: UpgradeRequest(upgradeRequest), admission: .refused(refusal))
            }
            return channel.eventLoop.makeFailedFuture(refusal)
        }
        return handshake.buildUpgradeResponse(
            channel: channel, upgradeRequest: upgradeRequest, initialResponseHeaders: initialResponseHeaders
        ).flatMapErrorThrowing { error in
            decision.withLockedValue { known in
                guard known == nil else { return }
                known = Decision(
                    request: UpgradeRequest(upgradeRequest),
                    admission: .refused(.badUpgrade("a handshake as in RFC 6455, 4.2.1")))
            }
            throw error
        }
    }

    func upgrade(channel: any Channel, upgradeRequest: HTTPRequestHead) -> EventLoopFuture<RoomChannel.Outcome> {
        channel.eventLoop.makeCompletedFuture {
            let decision = decision.withLockedValue { $0 }
            guard case .admitted(let welcome)? = decision?.admission else {
                throw ChannelError.inappropriateOperationForState
            }
            let lag = welcome.limits.lagBytesMax
            try channel.syncOptions?.setOption(
                .writeBufferWaterMark, value: .init(low: max(1, lag / 4), high: max(1, lag)))
            let socket = welcome.makeHandler(channel, decision?.agreement)
            try channel.pipeline.syncOperations.addHandler(socket)
            return .socket
        }
    }
}
