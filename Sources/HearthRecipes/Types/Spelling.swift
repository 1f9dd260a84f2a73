/// Guesses what someone meant to write.
package enum Spelling {
    /// The candidate that is the fewest edits away; nil when none is near.
    package static func nearest(to word: String, among candidates: [String]) -> String? {
        let allowed = max(1, word.utf8.count / 3)
        var best: (word: String, distance: Int)?
        for candidate in candidates.sorted() {
            let distance = edits(Array(word.utf8.prefix(64)), Array(candidate.utf8.prefix(64)))
            if distance <= allowed, distance < best?.distance ?? Int.max { best = (candidate, distance) }
        }
        return best?.word
    }

    /// Edit distance with transpositions of neighbours (optimal string alignment).
    private static func edits(_ left: [UInt8], _ right: [UInt8]) -> Int {
        var earlier: [Int] = []
        var previous = Array(0...right.count)
        for row in 0..<left.count {
            var current = [row + 1]
            for column in 0..<right.count {
                let cost = left[row] == right[column] ? 0 : 1
                var least = min(previous[column] + cost, previous[column + 1] + 1, current[column] + 1)
                if row > 0, column > 0, left[row] == right[column - 1], left[row - 1] == right[column] {
                    least = min(least, earlier[column - 1] + 1)
                }
                current.append(least)
            }
            earlier = previous
            previous = current
        }
        return previous[right.count]
    }
}
