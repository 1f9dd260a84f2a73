/// Two texts line by line: what only the first has and what only the second has.
enum Difference {
    /// Short operands stand one under the other; longer ones become a diff with `-` for expected and `+` for actual.
    static func lines(expected: String, actual: String) -> [String] {
        let old = expected.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        let new = actual.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        if old.count == 1, new.count == 1 { return ["expected  \(expected)", "actual    \(actual)"] }
        return ["- expected  + actual"] + diff(old, new)
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
