/// Two texts line by line: what only the first has and what only the second has.
enum Difference {
    /// Texts longer than this are shown around where they differ.
    private static let widthMax = 100
    /// So much of what is the same is shown before and after that.
    private static let context = 40
    /// Lines that are the same are shown so many before and after a change.
    private static let linesAround = 3

    /// Short operands stand one under the other; longer ones become a diff with `-` for expected and `+` for actual.
    static func lines(expected: String, actual: String) -> [String] {
        let old = lines(expected)
        let new = lines(actual)
        if old.count == 1, new.count == 1 { return pair(expected, actual) }
        return ["- expected  + actual"] + shortened(diff(old, new))
    }

    /// A text in quotes that holds line ends is compared by its lines.
    private static func lines(_ operand: String) -> [String] {
        guard operand.hasPrefix("\"") else {
            return operand.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        }
        var lines: [String] = []
        var line = ""
        var isEscaped = false
        for character in operand {
            line.append(character)
            if isEscaped, character == "n" {
                lines.append(line)
                line = ""
            }
            isEscaped = character == "\\" && !isEscaped
        }
        return lines + [line]
    }

    /// One under the other, and where they part.
    private static func pair(_ expected: String, _ actual: String) -> [String] {
        guard max(expected.count, actual.count) > widthMax else {
            return ["expected  \(expected)", "actual    \(actual)"]
        }
        let (old, new) = (Array(expected), Array(actual))
        let same = zip(old, new).prefix { $0 == $1 }.count
        let start = max(0, same - context)
        func window(_ text: [Character]) -> String {
            let end = min(text.count, same + context)
            return (start > 0 ? "…" : "") + String(text[start..<max(start, end)]) + (end < text.count ? "…" : "")
        }
        let marker = String(repeating: " ", count: same - start + (start > 0 ? 1 : 0)) + "^"
        return [
            "expected  \(window(old))", "actual    \(window(new))",
            "          \(marker) they differ from character \(same + 1) on, of \(old.count) and \(new.count)",
        ]
    }

    /// Without most of what is the same.
    private static func shortened(_ lines: [String]) -> [String] {
        let changed = lines.indices.filter { !lines[$0].hasPrefix("  ") }
        var shown = Set<Int>()
        for place in changed {
            shown.formUnion(max(0, place - linesAround)...min(lines.count - 1, place + linesAround))
        }
        var result: [String] = []
        var left = 0
        for (place, line) in lines.enumerated() {
            if shown.contains(place) {
                if left > 0 { result.append("  … \(left) \(left == 1 ? "line" : "lines") the same") }
                left = 0
                result.append(line)
            } else {
                left += 1
            }
        }
        if left > 0 { result.append("  … \(left) \(left == 1 ? "line" : "lines") the same") }
        return result
    }

    private static func diff(_ old: [String], _ new: [String]) -> [String] {
        let changes = new.difference(from: old)
        var removed: Set<Int> = []
        var inserted: [Int: String] = [:]
        for change in changes {
            switch change {
            case .remove(let offset, _, _): removed.insert(offset)
            case .insert(let offset, let line, _): inserted[offset] = line
            }
        }
        var lines: [String] = []
        var next = 0
        for (place, line) in old.enumerated() {
            if removed.contains(place) {
                lines.append("- " + line)
                continue
            }
            while let line = inserted[next] {
                lines.append("+ " + line)
                next += 1
            }
            lines.append("  " + line)
            next += 1
        }
        while let line = inserted[next] {
            lines.append("+ " + line)
            next += 1
        }
        return lines
    }
}
