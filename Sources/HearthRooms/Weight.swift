import HearthCells
import HearthValues

/// How many bytes of memory something keeps, about: what is counted of it is what it is made of, not what the allocator
/// rounds it up to.
extension [Change] {
    /// - Complexity: O(changes), and O(values in what is set as a whole).
    var weight: Int {
        var sum = 0
        for index in indices { sum += self[index].weight }
        return sum
    }
}

extension Change {
    fileprivate var weight: Int {
        switch self {
        case .created(_, let value), .replaced(_, let value): 96 + value.weight
        // Elements are for the most part those of another cell's list, which holds them anyway.
        case .inserted(_, _, let value): 96 + value.ownWeight
        case .pushed(_, _, let values): values.reduce(96) { $0 + $1.ownWeight }
        case .removed, .removedElement: 96
        }
    }
}

extension Value {
    /// - Complexity: O(values in it).
    fileprivate var weight: Int {
        switch self {
        case .null, .bool, .int, .double, .string, .link: ownWeight
        case .list(let list): list.reduce(64) { $0 + $1.weight }
        case .object(let object): object.reduce(64) { $0 + 16 + $1.key.utf8.count + $1.value.weight }
        }
    }

    /// Without what is in lists and objects in it.
    ///
    /// - Complexity: O(1).
    fileprivate var ownWeight: Int {
        switch self {
        case .null, .bool, .int, .double: 16
        case .string(let text): 16 + text.utf8.count
        case .link: 64
        case .list(let list): 64 + 32 * list.count
        case .object(let object): 64 + 48 * object.count
        }
    }
}
