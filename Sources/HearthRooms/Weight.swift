import HearthCells
import HearthValues

/// How many bytes of memory something keeps, about: what is counted of it is what it is made of, not what the allocator
/// rounds it up to.
extension [Change] {
    /// - Complexity: O(values in the changes).
    var weight: Int { reduce(0) { $0 + $1.weight } }
}

extension Change {
    fileprivate var weight: Int {
        switch self {
        case .created(_, let value), .replaced(_, let value), .inserted(_, _, let value): Self.own + value.weight
        case .pushed(_, _, let values): values.reduce(Self.own) { $0 + $1.weight }
        case .removed, .removedElement: Self.own
        }
    }

    private static let own = 96
}

extension Value {
    /// - Complexity: O(values in it).
    var weight: Int {
        switch self {
        case .null, .bool, .int, .double: 16
        case .string(let text): 16 + text.utf8.count
        case .link: 64
        case .list(let list): list.reduce(64) { $0 + $1.weight }
        case .object(let object): object.reduce(64) { $0 + 16 + $1.key.utf8.count + $1.value.weight }
        }
    }
}
