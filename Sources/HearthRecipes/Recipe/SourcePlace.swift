/// A line of a recipe.
///
/// Transactions carry it with each read and write as one number, which they do not look into: the line in the lower 20
/// bits, the place of its file among the recipe's in those above. So in a recipe of one file the number is the line.
package struct SourcePlace: Sendable, Hashable {
    /// Relative to the recipe's folder: "recipe.lua", "rules.lua".
    package var file: String
    package var line: Int

    package init(file: String, line: Int) {
        self.file = file
        self.line = line
    }

    private static let lineBits: Int32 = 20

    /// 0, for unknown, when there are too many files or lines.
    static func number(file: Int, line: Int) -> Int32 {
        guard 1..<(1 << lineBits) ~= line, 0..<(1 << (31 - lineBits)) ~= file else { return 0 }
        return Int32(file) << lineBits | Int32(line)
    }

    /// - Returns: nil when the number is 0 or stands for nothing in these files.
    init?(_ number: Int32, in files: [SourceFile]) {
        let file = Int(number >> Self.lineBits)
        let line = Int(number & (1 << Self.lineBits - 1))
        guard line > 0, files.indices.contains(file) else { return nil }
        self.file = files[file].path
        self.line = line
    }
}

extension SourcePlace: CustomStringConvertible {
    /// "recipe.lua:17"
    package var description: String { "\(file):\(line)" }
}

extension Recipe {
    /// The place behind the number that a transaction carried; nil when it is unknown.
    package func place(_ number: Int32) -> SourcePlace? { SourcePlace(number, in: files) }
}
