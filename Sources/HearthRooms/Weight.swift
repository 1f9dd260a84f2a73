import HearthCells
import HearthValues

/// How many bytes of memory something keeps, about: what is counted of it is what it is made of, not what the allocator
/// rounds it up to.
extension [Change] {
    /// - Complexity: O(changes), and O(values in what is set as a whole).
    var weight: Int {
        var sum = 0
        forEachLent { sum += $0.weight }
        return sum
    }

    /// With everything that is in what it sets.
    ///
    /// - Complexity: O(values in the changes).
    var wholeWeight: Int {
        var sum = 0
        forEachLent { sum += $0.wholeWeight }
        return sum
    }
}

extension Lent<Change> {
    fileprivate var weight: Int { element.weight }
    fileprivate var wholeWeight: Int { element.wholeWeight }
}

extension Change {
    fileprivate var wholeWeight: Int {
        switch self {
        case .inserted(let path, _, let value): return path.weight + value.weight
        case .pushed(let path, _, let values):
            var sum = path.weight
            values.forEachLent { sum += $0.element.weight }
            return sum
        case .created, .replaced, .removed, .removedElement: return weight
        }
    }

    fileprivate var weight: Int {
        switch self {
        case .created(let path, let value), .replaced(let path, let value): return path.weight + value.weight
        // Elements are for the most part those of another cell's list, which holds them anyway.
        case .inserted(let path, _, let value): return path.weight + value.ownWeight
        case .pushed(let path, _, let values):
            var sum = path.weight
            values.forEachLent { sum += $0.element.ownWeight }
            return sum
        case .removed(let path): return path.weight
        case .removedElement(let path, _): return path.weight
        }
    }
}

extension Path {
    /// Of a change there, without what it sets. Keys may be as long as any text.
    fileprivate var weight: Int {
        var sum = 96
        for case .key(let key) in steps { sum += key.utf8.count }
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
