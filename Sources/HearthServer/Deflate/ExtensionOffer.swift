/// One extension that a client offers in `Sec-WebSocket-Extensions` (RFC 6455, 9.1).
struct ExtensionOffer: Equatable {
    struct Parameter: Equatable {
        var name: String
        /// nil when there is no `=`.
        var value: String?
    }

    var name: String
    var parameters: [Parameter] = []

    /// The offers of all header fields of that name, in order.
    ///
    /// - Returns: nil when one does not follow the grammar: then the handshake must fail.
    static func all(in fields: [String]) -> [ExtensionOffer]? {
        var offers: [ExtensionOffer] = []
        for field in fields {
            var reader = OfferReader(field)
            guard let more = reader.offers() else { return nil }
            offers += more
        }
        return offers
    }
}

/// Reads `extension-list` byte for byte.
private struct OfferReader {
    private let bytes: [UInt8]
    private var index = 0

    init(_ field: String) { bytes = Array(field.utf8) }

    mutating func offers() -> [ExtensionOffer]? {
        var offers: [ExtensionOffer] = []
        repeat {
            skipSpace()
            // RFC 9110, 5.6.1: a list may have empty elements.
            if index == bytes.count || bytes[index] == UInt8(ascii: ",") { continue }
            guard let offer = offer() else { return nil }
            offers.append(offer)
        } while take(",")
        return index == bytes.count ? offers : nil
    }

    private mutating func offer() -> ExtensionOffer? {
        guard let name = token() else { return nil }
        var offer = ExtensionOffer(name: name.lowercased())
        while take(";") {
            guard let parameter = parameter() else { return nil }
            offer.parameters.append(parameter)
        }
        return offer
    }

    private mutating func parameter() -> ExtensionOffer.Parameter? {
        skipSpace()
        guard let name = token() else { return nil }
        guard take("=") else { return ExtensionOffer.Parameter(name: name.lowercased(), value: nil) }
        skipSpace()
        let isQuoted = index < bytes.count && bytes[index] == UInt8(ascii: "\"")
        guard let value = isQuoted ? quoted() : token() else { return nil }
        skipSpace()
        return ExtensionOffer.Parameter(name: name.lowercased(), value: value)
    }

    private mutating func token() -> String? {
        let start = index
        while index < bytes.count, Self.isTokenByte(bytes[index]) { index += 1 }
        guard index > start else { return nil }
        defer { skipSpace() }
        return String(decoding: bytes[start..<index], as: UTF8.self)
    }

    /// RFC 6455, 9.1: what is quoted must be a token once the quotes are off.
    private mutating func quoted() -> String? {
        index += 1
        var value: [UInt8] = []
        while index < bytes.count, bytes[index] != UInt8(ascii: "\"") {
            if bytes[index] == UInt8(ascii: "\\") { index += 1 }
            guard index < bytes.count, Self.isTokenByte(bytes[index]) else { return nil }
            value.append(bytes[index])
            index += 1
        }
        guard index < bytes.count, !value.isEmpty else { return nil }
        index += 1
        return String(decoding: value, as: UTF8.self)
    }

    private mutating func take(_ mark: Unicode.Scalar) -> Bool {
        guard index < bytes.count, bytes[index] == UInt8(ascii: mark) else { return false }
        index += 1
        return true
    }

    private mutating func skipSpace() {
        while index < bytes.count, bytes[index] == 0x20 || bytes[index] == 0x09 { index += 1 }
    }

    /// RFC 9110, 5.6.2.
    private static func isTokenByte(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
        default: "!#$%&'*+-.^_`|~".utf8.contains(byte)
        }
    }
}
