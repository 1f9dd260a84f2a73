/// What both sides hold to once `permessage-deflate` is agreed on (RFC 7692, 7.1).
struct DeflateAgreement: Equatable, Sendable {
    /// May the server's messages refer to earlier ones?
    var serverKeepsHistory: Bool
    /// May the client's?
    var clientKeepsHistory: Bool
    /// The windows in bits, 8 to 15.
    var serverWindowBits: Int
    var clientWindowBits: Int
    /// As it is answered in `Sec-WebSocket-Extensions`.
    var text: String
}

/// What a server agrees to.
struct DeflatePolicy: Equatable, Sendable {
    /// Rooms press a message once for everybody, so it may not refer to what one of them has seen.
    var serverKeepsHistory = false
    /// The client's window at most; what a socket's history takes in memory.
    var clientWindowBitsMax = 12
    /// Must a client do without history that cannot be told to keep to such a window?
    var boundsHistory = true

    /// Rooms: a socket that has sent something compressed keeps about 11 KB for it, others nothing.
    static let rooms = DeflatePolicy()
    /// Everything that a client may ask for.
    static let full = DeflatePolicy(serverKeepsHistory: true, clientWindowBitsMax: 15, boundsHistory: false)

    /// The first offer that can be agreed to; nil for no compression.
    func agreement(on offers: [ExtensionOffer]) -> DeflateAgreement? {
        for offer in offers {
            if let wish = DeflateWish(offer) { return agreement(on: wish) }
        }
        return nil
    }

    private func agreement(on wish: DeflateWish) -> DeflateAgreement {
        var agreement = DeflateAgreement(
            serverKeepsHistory: serverKeepsHistory && !wish.serverForgets,
            clientKeepsHistory: !wish.clientForgets && (wish.clientTakesWindow || !boundsHistory),
            serverWindowBits: wish.serverWindowBits ?? 15,
            clientWindowBits: wish.clientTakesWindow ? min(wish.clientWindowBits ?? 15, clientWindowBitsMax) : 15,
            text: "permessage-deflate")
        if !agreement.serverKeepsHistory { agreement.text += "; server_no_context_takeover" }
        if !agreement.clientKeepsHistory { agreement.text += "; client_no_context_takeover" }
        // Only what was asked for is answered: an older client knows no other.
        if wish.serverWindowBits != nil {
            agreement.text += "; server_max_window_bits=\(agreement.serverWindowBits)"
        }
        if wish.clientTakesWindow, agreement.clientWindowBits < 15 || wish.clientWindowBits != nil {
            agreement.text += "; client_max_window_bits=\(agreement.clientWindowBits)"
        }
        return agreement
    }
}

/// A client's offer of `permessage-deflate`, when it is one that may be agreed to.
private struct DeflateWish {
    var serverForgets = false
    var clientForgets = false
    var serverWindowBits: Int?
    var clientTakesWindow = false
    var clientWindowBits: Int?

    /// RFC 7692, 7.1: an offer is declined that has an unknown parameter, one twice, or one with a wrong value.
    init?(_ offer: ExtensionOffer) {
        guard offer.name == "permessage-deflate" else { return nil }
        var seen: Set<String> = []
        for parameter in offer.parameters {
            guard seen.insert(parameter.name).inserted else { return nil }
            switch (parameter.name, parameter.value) {
            case ("server_no_context_takeover", nil): serverForgets = true
            case ("client_no_context_takeover", nil): clientForgets = true
            case ("server_max_window_bits", let value?):
                guard let bits = Self.windowBits(value) else { return nil }
                serverWindowBits = bits
            case ("client_max_window_bits", nil): clientTakesWindow = true
            case ("client_max_window_bits", let value?):
                guard let bits = Self.windowBits(value) else { return nil }
                clientTakesWindow = true
                clientWindowBits = bits
            default: return nil
            }
        }
    }

    /// 8 to 15, without leading zeros.
    private static func windowBits(_ text: String) -> Int? {
        ["8", "9", "10", "11", "12", "13", "14", "15"].contains(text) ? Int(text) : nil
    }
}
