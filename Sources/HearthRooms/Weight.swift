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

    /// With everything that is in what it sets.
    ///
    /// - Complexity: O(values in the changes).
    var wholeWeight: Int {
        var sum = 0
        for index in indices { sum += self[index].wholeWeight }
        return sum
    }
}

extension Change {
    fileprivate var wholeWeight: Int {
        switch self {
        case .inserted(_, _, let value): return placeWeight + value.weight
        case .pushed(_, _, let values):
            var sum = placeWeight
            values.forEachLent { sum += $0.element.weight }
            return sum
        case .created, .replaced, .removed, .removedElement: return weight
        }
    }

    fileprivate var weight: Int {
        switch self {
        case .created(_, let value), .replaced(_, let value): placeWeight + value.weight
        // Elements are for the most part those of another cell's list, which holds them anyway.
        case .inserted(_, _, let value): placeWeight + value.ownWeight
        case .pushed(_, _, let values): values.reduce(placeWeight) { $0 + $1.ownWeight }
        case .removed, .removedElement: placeWeight
        }
    }

    /// Keys may be as long as any text.
    private var placeWeight: Int {
        var sum = 96
        for case .key(let key) in path.steps { sum += key.utf8.count }
        return sum
    }
}

extension Value {
    /// - Complexity: O(values in it).
    fileprivate var weight: Int {
        switch self {
        case .null, .bool, .int, .double, .string, .link: return ownWeight
        case .list(let list):
            var sum = 64
            list.forEachLent { sum += $0.element.weight }
            return sum
        case .object(let object):
            var sum = 64
            object.forEachLent { sum += 16 + $0.element.key.utf8.count + $0.element.value.weight }
            return sum
        }
    }

    /// Without what is in lists and objects in it.
    ///
    /// - Complexity: O(1).
    fileprivate var ownWeight: Int {
        switch self {
        case .null, .bool, .int, .double: 16
        case .string(let text): 16 + text.utf8.count
        case .link(let link): 64 + link.text.utf8.count
        case .list(let list): 64 + 32 * list.count
        case .object(let object): 64 + 48 * object.count
        }
    }
}
