import Logging
import NIOCore

/// What becomes of a request for a WebSocket.
enum Admission: Sendable {
    case refused(Refusal)
    case admitted(Welcome)
}

/// What was decided about one connection, for whoever answers it.
struct Decision: Sendable {
    let request: UpgradeRequest
    let admission: Admission
    /// What was agreed on about compression.
    var agreement: DeflateAgreement?
}

/// How an admitted socket starts.
struct Welcome: Sendable {
    /// Echoed to the client; one of those that it offered.
    var subprotocol: String?
    var limits: SocketLimits
    /// What is agreed to about compression; nil for none.
    var deflate: DeflatePolicy?
    /// Puts the handler of the socket together. Called on the channel's event loop, after the upgrade.
    var makeHandler: @Sendable (any Channel, DeflateAgreement?) -> SocketHandler

    init(
        subprotocol: String?, limits: SocketLimits, deflate: DeflatePolicy?,
        makeHandler: @escaping @Sendable (any Channel, DeflateAgreement?) -> SocketHandler
    ) {
        self.subprotocol = subprotocol
        self.limits = limits
        self.deflate = deflate
        self.makeHandler = makeHandler
    }
}

/// Decides who gets a WebSocket.
protocol UpgradeGate: Sendable {
    /// Called on the channel's event loop; may take its time.
    func admit(_ request: UpgradeRequest, on channel: any Channel, _ visit: Visit) -> EventLoopFuture<Admission>
}
