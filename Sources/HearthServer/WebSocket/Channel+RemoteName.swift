import NIOCore

extension Channel {
    /// `address:port` of the peer, for the log; `-` where there is none, and once the channel is closed.
    var remoteName: String { remoteAddress?.logName ?? "-" }
}

extension SocketAddress {
    /// `address:port`, for the log; `-` where there is none.
    var logName: String {
        guard let ip = ipAddress else { return "-" }
        let port = port.map { ":\($0)" } ?? ""
        return ip.utf8.contains(UInt8(ascii: ":")) ? "[\(ip)]\(port)" : ip + port
    }
}
