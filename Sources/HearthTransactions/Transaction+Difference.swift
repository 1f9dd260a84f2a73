import HearthCells
import HearthValues

extension Transaction {
    /// The first read or write in which two runs on the same basis differ, in words, and the `line` that
    /// made it; nil when they did the same.
    package func firstDifference(from other: Transaction) -> (what: String, line: Int32)? {
        for place in 0..<Swift.max(intents.count, other.intents.count) {
            guard place < intents.count else {
                return (
                    "it wrote `\(other.intents[place].write.title)` the second time only", other.intents[place].line
                )
            }
            guard place < other.intents.count else {
                return ("it wrote `\(intents[place].write.title)` the first time only", intents[place].line)
            }
            let (mine, theirs) = (intents[place], other.intents[place])
            if mine.write != theirs.write {
                return ("it wrote `\(mine.write.title)`, then `\(theirs.write.title)`", mine.line)
            }
        }
        for place in 0..<Swift.min(reads.count, other.reads.count) where reads[place].read != other.reads[place].read {
            return (
                "it read `\(reads[place].read.path.cell)`, then `\(other.reads[place].read.path.cell)`",
                reads[place].line
            )
        }
        if reads.count != other.reads.count { return ("it read \(reads.count), then \(other.reads.count) places", 0) }
        return nil
    }
}

extension Write {
    /// "counter = 3": a write as messages show it.
    fileprivate var title: String {
        let place = path.cell + path.pointerInCell.description
        return switch self {
        case .set(_, let value): "\(place) = \(JSON.text(value))"
        case .remove: "remove \(place)"
        case .push(_, let values): "push \(JSON.text(.list(List(values)))) to \(place)"
        case .insert(_, let index, let value): "insert \(JSON.text(value)) at \(index + 1) of \(place)"
        case .increment(_, let amount): "increment \(place) by \(JSON.text(amount))"
        }
    }
}
