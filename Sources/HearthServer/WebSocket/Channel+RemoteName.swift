import NIOCore

extension Channel {
    /// `address:port` of the peer, for the log; `-` where there is none.
    var remoteName: String {
        guard let address = remoteAddress, let ip = address.ipAddress else { return "-" }
        let port = address.port.map { ":\($0)" } ?? ""
        return ip.utf8.contains(UInt8(ascii: ":")) ? "[\(ip)]\(port)" : ip + port
    }
}
