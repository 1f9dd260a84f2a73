import ArgumentParser

/// A number of bytes as an argument: `65536`, `64KiB`, `1MiB`, `1GiB`.
struct ByteCount: ExpressibleByArgument, Hashable {
    var bytes: Int

    init(_ bytes: Int) {
        self.bytes = bytes
    }

    init?(argument: String) {
        let units = ["KiB": 10, "MiB": 20, "GiB": 30]
        let shift = units.first { argument.hasSuffix($0.key) }
        let digits = argument.dropLast(shift == nil ? 0 : 3)
        guard let number = Int(digits), number > 0, number < 1 << 32 else { return nil }
        bytes = number << (shift?.value ?? 0)
    }

    var defaultValueDescription: String {
        for (unit, shift) in [("GiB", 30), ("MiB", 20), ("KiB", 10)] where bytes.trailingZeroBitCount >= shift {
            return "\(bytes >> shift)\(unit)"
        }
        return String(bytes)
    }
}
