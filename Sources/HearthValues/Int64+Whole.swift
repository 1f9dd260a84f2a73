extension Int64 {
    /// The integer that equals `number`, or nil when none does.
    ///
    /// `Int64(exactly:)` calls `trunc` of the C maths library, which nothing in the core modules links.
    package init?(whole number: Double) {
        guard number >= -0x1p63, number < 0x1p63 else { return nil }
        let integer = Int64(number)
        guard Double(integer) == number else { return nil }
        self = integer
    }
}
