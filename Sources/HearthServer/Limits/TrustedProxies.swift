/// The proxies whose word is taken for where a request comes from (`--trusted-proxy`). Of everybody else's
/// `X-Forwarded-For` nothing is believed: whoever sends one could be anybody.
struct TrustedProxies: Sendable {
    private let networks: [IPNetwork]

    /// - Parameter texts: addresses, networks like `10.0.0.0/8`, and `private` for the machine and private networks.
    /// - Throws: `ServerError` for anything else.
    init(_ texts: [String]) throws(ServerError) {
        var networks: [IPNetwork] = []
        for text in texts {
            if text == "private" {
                networks += IPNetwork.allPrivate
            } else if let network = IPNetwork(text) {
                networks.append(network)
            } else {
                throw ServerError(
                    "'\(text)' is no address for --trusted-proxy: give an address like 10.0.0.7, a network like "
                        + "10.0.0.0/8 or fd00::/8, or private for the machine itself and all private networks.")
            }
        }
        self.networks = networks
    }

    func trusts(_ address: IPAddress) -> Bool { networks.contains { $0.contains(address) } }

    /// Where a request comes from: the last address in the chain that is not a trusted proxy's, because each proxy adds
    /// the one that it sees at the end.
    ///
    /// - Parameter forwardedFor: the fields `X-Forwarded-For`, in order.
    /// - Returns: nil when the peer is a trusted proxy that does not say.
    func client(of peer: IPAddress, forwardedFor: [String]) -> IPAddress? {
        guard trusts(peer) else { return peer }
        var known: IPAddress?
        for hop in forwardedFor.flatMap({ $0.split(separator: ",") }).reversed() {
            guard let address = IPAddress(hop) else { break }
            known = address
            if !trusts(address) { break }
        }
        return known
    }
}
