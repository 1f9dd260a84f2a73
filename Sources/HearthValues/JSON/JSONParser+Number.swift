extension JSONParser {
    /// The number that starts at `offset`.
    mutating func number() throws(JSONError) -> Value {
        let start = offset
        let isNegative = bytes[offset] == UInt8(ascii: "-")
        if isNegative { offset += 1 }
        var mantissa: UInt64 = 0
        var isExact = true
        if offset < bytes.count, bytes[offset] == UInt8(ascii: "0") {
            offset += 1
        } else {
            try digits(into: &mantissa, &isExact)
        }
        guard offset < bytes.count else { return try integer(start, isNegative, mantissa, isExact) }
        var scale = 0
        var isInteger = true
        if bytes[offset] == UInt8(ascii: ".") {
            isInteger = false
            offset += 1
            let fraction = offset
            try digits(into: &mantissa, &isExact)
            scale = fraction - offset
        }
        if offset < bytes.count, bytes[offset] | 0x20 == UInt8(ascii: "e") {
            isInteger = false
            offset += 1
            let exponent = try exponent()
            if abs(exponent) > 400 { isExact = false } else { scale += exponent }
        }
        if isInteger { return try integer(start, isNegative, mantissa, isExact) }
        return .double(try double(start, isNegative, mantissa, isExact, scale))
    }

    /// One digit or more; `isExact` turns false when the mantissa overflows.
    private mutating func digits(into mantissa: inout UInt64, _ isExact: inout Bool) throws(JSONError) {
        let start = offset
        while offset < bytes.count {
            let digit = bytes[offset] &- UInt8(ascii: "0")
            if digit > 9 { break }
            let (shifted, over) = mantissa.multipliedReportingOverflow(by: 10)
            let (sum, carry) = shifted.addingReportingOverflow(UInt64(digit))
            if over || carry { isExact = false } else { mantissa = sum }
            offset += 1
        }
        if offset == start { throw unexpected("a digit") }
    }

    /// The exponent after `e`; more than four digits are cut to a size that is too large for any double anyway.
    private mutating func exponent() throws(JSONError) -> Int {
        var isNegative = false
        if offset < bytes.count, bytes[offset] == UInt8(ascii: "-") || bytes[offset] == UInt8(ascii: "+") {
            isNegative = bytes[offset] == UInt8(ascii: "-")
            offset += 1
        }
        var size: UInt64 = 0
        var isExact = true
        try digits(into: &size, &isExact)
        let bounded = isExact ? Int(min(size, 9999)) : 9999
        return isNegative ? -bounded : bounded
    }

    private func integer(
        _ start: Int, _ isNegative: Bool, _ magnitude: UInt64, _ isExact: Bool
    ) throws(JSONError) -> Value {
        if isExact, !isNegative, let value = Int64(exactly: magnitude) { return .int(value) }
        if isExact, isNegative, magnitude != 0, magnitude <= Int64.min.magnitude {
            return .int(0 &- Int64(truncatingIfNeeded: magnitude))
        }
        return .double(try double(start, isNegative, magnitude, isExact, 0))
    }

    /// Both factors are exact doubles when the mantissa is below 2^53 and the power of ten at most 10^22, so one
    /// operation rounds once (Clinger, "How to read floating point numbers accurately"). Others take the slow way.
    private func double(
        _ start: Int, _ isNegative: Bool, _ mantissa: UInt64, _ isExact: Bool, _ scale: Int
    ) throws(JSONError) -> Double {
        if isExact, mantissa < 1 << 53, abs(scale) <= 22 {
            let power = Self.powersOfTen[abs(scale)]
            let magnitude = scale < 0 ? Double(mantissa) / power : Double(mantissa) * power
            return isNegative ? -magnitude : magnitude
        }
        let text = String(decoding: bytes[start..<offset], as: UTF8.self)
        guard let value = Double(text), value.isFinite else { throw error(.numberTooLarge, at: start) }
        return value
    }

    private static let powersOfTen: [Double] = [
        1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19,
        1e20, 1e21, 1e22,
    ]
}
