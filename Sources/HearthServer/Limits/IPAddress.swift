import Foundation
import NIOCore

/// An IP address. IPv4 is kept as IPv6 writes it (`::ffff:a.b.c.d`), so that a listener for both knows a peer as one.
struct IPAddress: Hashable, Sendable {
    let high: UInt64
    let low: UInt64

    init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    init(v4 bits: UInt32) { self.init(high: 0, low: 0xffff_0000_0000 | UInt64(bits)) }

    /// - Returns: nil for what has no address, like a Unix socket.
    init?(_ address: SocketAddress) {
        switch address {
        case .v4(let v4):
            self.init(
                v4: withUnsafeBytes(of: v4.address.sin_addr) { UInt32(bigEndian: $0.loadUnaligned(as: UInt32.self)) })
        case .v6(let v6):
            let (high, low) = withUnsafeBytes(of: v6.address.sin6_addr) { bytes in
                (
                    UInt64(bigEndian: bytes.loadUnaligned(as: UInt64.self)),
                    UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
                )
            }
            self.init(high: high, low: low)
        case .unixDomainSocket: return nil
        }
    }

    /// An address as people and proxies write it: alone, with a port, in brackets.
    init?(_ text: some StringProtocol) {
        var host = Substring(text).drop { $0 == " " }
        while host.last == " " { host.removeLast() }
        if host.first == "[" {
            guard let end = host.firstIndex(of: "]") else { return nil }
            host = host[host.index(after: host.startIndex)..<end]
        } else if host.utf8.count(where: { $0 == UInt8(ascii: ":") }) == 1, let colon = host.firstIndex(of: ":") {
            host = host[..<colon]
        }
        // 45 bytes are the longest address there is.
        guard host.utf8.count <= 45, let address = try? SocketAddress(ipAddress: String(host), port: 0) else {
            return nil
        }
        self.init(address)
    }

    var isIPv4: Bool { high == 0 && low >> 32 == 0xffff }

    /// Those who count as one: an IPv4 address, or the network of 64 bits that one customer of IPv6 has.
    var block: IPAddress { isIPv4 ? self : IPAddress(high: high, low: 0) }

    /// Whether it is the machine's own or one of a private network, as no stranger on the internet has.
    var isPrivate: Bool { IPNetwork.allPrivate.contains { $0.contains(self) } }

    var isLoopback: Bool { isIPv4 ? low >> 24 & 0xff == 127 : high == 0 && low == 1 }

    var text: String {
        var bytes = ByteBuffer()
        if isIPv4 {
            bytes.writeInteger(UInt32(truncatingIfNeeded: low))
        } else {
            bytes.writeInteger(high)
            bytes.writeInteger(low)
        }
        return (try? SocketAddress(packedIPAddress: bytes, port: 0))?.ipAddress ?? "-"
    }
}

/// The addresses that begin with the same bits.
struct IPNetwork: Hashable, Sendable {
    let address: IPAddress
    /// Of the 128 of an address.
    let bits: Int

    /// `10.0.0.0/8`, `fc00::/7`, or one address.
    init?(_ text: some StringProtocol) {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard let first = parts.first, let address = IPAddress(first) else { return nil }
        self.address = address
        let width = address.isIPv4 ? 32 : 128
        guard parts.count == 2 else {
            bits = 128
            return
        }
        guard let number = Int(parts[1]), (0...width).contains(number) else { return nil }
        bits = 128 - width + number
    }

    func contains(_ other: IPAddress) -> Bool {
        let highMask: UInt64 = bits >= 64 ? .max : ~(UInt64.max >> UInt64(bits))
        let lowMask: UInt64 = bits >= 128 ? .max : bits <= 64 ? 0 : ~(UInt64.max >> UInt64(bits - 64))
        return (address.high ^ other.high) & highMask == 0 && (address.low ^ other.low) & lowMask == 0
    }

    /// Loopback, RFC 1918, link-local, RFC 6598, and the same of IPv6 (RFC 4193, 4291).
    static let allPrivate: [IPNetwork] = [
        "127.0.0.0/8", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16", "100.64.0.0/10", "::1/128",
        "fc00::/7", "fe80::/10",
    ].compactMap { IPNetwork($0) }
}
