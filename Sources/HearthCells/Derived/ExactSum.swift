/// A sum of finite doubles without any rounding, so that adding and taking away in any order gives the same.
///
/// A fixed-point number wide enough for every double, in limbs of 32 bits with room for carries (after Kulisch).
struct ExactSum: Sendable, Equatable {
    /// Bit 0 of limb 0 weighs 2^-1074.
    private var limbs: [Int64] = []
    private static let limbCount = 68
    private var pending = 0

    mutating func add(_ value: Double) { add(value, sign: 1) }

    mutating func subtract(_ value: Double) { add(value, sign: -1) }

    private mutating func add(_ value: Double, sign: Int64) {
        if value == 0 { return }
        if limbs.isEmpty { limbs = Array(repeating: 0, count: Self.limbCount) }
        let biased = Int(value.exponentBitPattern)
        let significand = biased == 0 ? value.significandBitPattern : value.significandBitPattern | 1 << 52
        let shift = biased == 0 ? 0 : biased - 1
        let wide = UInt128(significand) << UInt128(shift % 32)
        let signed = value < 0 ? -sign : sign
        for part in 0..<3 {
            limbs[shift / 32 + part] += signed * Int64(truncatingIfNeeded: (wide >> UInt128(32 * part)) & 0xffff_ffff)
        }
        pending += 1
        if pending == 1 << 29 { carry() }
    }

    /// Brings all limbs but the highest into 0 ..< 2^32.
    private mutating func carry() {
        var carried: Int64 = 0
        for index in 0..<(Self.limbCount - 1) {
            let limb = limbs[index] + carried
            carried = limb >> 32
            limbs[index] = limb & 0xffff_ffff
        }
        limbs[Self.limbCount - 1] += carried
        pending = 0
    }

    /// The nearest double; infinite when the sum is beyond the largest.
    var rounded: Double {
        guard !limbs.isEmpty else { return 0 }
        var sum = self
        sum.carry()
        if sum.limbs[Self.limbCount - 1] >= 0 { return sum.roundedMagnitude }
        for index in sum.limbs.indices { sum.limbs[index] = -sum.limbs[index] }
        sum.carry()
        return -sum.roundedMagnitude
    }

    /// For carried limbs that are not negative: takes the highest 128 bits with everything below as one sticky bit, so
    /// that a single rounding to 53 bits is right.
    private var roundedMagnitude: Double {
        guard let top = limbs.lastIndex(where: { $0 != 0 }) else { return 0 }
        let low = Swift.max(0, top - 2)
        var bits: UInt128 = 0
        for index in (low...top).reversed() { bits = bits << 32 | UInt128(limbs[index]) }
        if limbs[..<low].contains(where: { $0 != 0 }) { bits |= 1 }
        let scale = low * 32 - 1074
        // Below 2^-1022 a double has fewer bits, but then all of the sum lies in limbs that are taken whole: exact.
        return Double(sign: .plus, exponent: scale, significand: Double(bits))
    }
}
