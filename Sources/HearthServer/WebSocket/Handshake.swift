import NIOHTTP1

/// What a client's opening handshake must look like (RFC 6455, 4.2.1), beside what NIO checks.
enum Handshake {
    /// - Returns: nil when the request may become a WebSocket.
    static func refusal(of head: HTTPRequestHead) -> Refusal? {
        let headers = head.headers
        guard (head.version.major, head.version.minor) >= (1, 1) else { return .badUpgrade("HTTP/1.1") }
        guard headers[canonicalForm: "connection"].contains(where: { $0.lowercased() == "upgrade" }) else {
            return .badUpgrade("Connection: Upgrade")
        }
        guard headers["host"].count == 1 else { return .badUpgrade("exactly one Host") }
        let versions = headers[canonicalForm: "sec-websocket-version"]
        guard versions == ["13"] else {
            return versions.isEmpty ? .badUpgrade("Sec-WebSocket-Version: 13") : .wrongVersion
        }
        let keys = headers["sec-websocket-key"]
        guard keys.count == 1, isKey(keys[0]) else {
            return .badUpgrade("exactly one Sec-WebSocket-Key, the base64 of 16 bytes")
        }
        guard ExtensionOffer.all(in: headers["sec-websocket-extensions"]) != nil else {
            return .badUpgrade("Sec-WebSocket-Extensions that follow RFC 6455, 9.1")
        }
        return nil
    }

    /// Sixteen bytes in base64: 22 characters and two marks of padding, the bits that stand for nothing being zero.
    private static func isKey(_ key: String) -> Bool {
        let bytes = Array(key.utf8)
        guard bytes.count == 24, bytes[22] == UInt8(ascii: "="), bytes[23] == UInt8(ascii: "=") else { return false }
        return bytes[..<22].allSatisfy(isBase64) && "AQgw".utf8.contains(bytes[21])
    }

    private static func isBase64(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, UInt8(ascii: "+"), UInt8(ascii: "/"): true
        default: false
        }
    }
}
