import HearthValues

/// One element as an aggregate sees it.
struct ElementEntry {
    var label: Int64
    /// What the rule gave.
    var result: Value
    var element: Value
}

/// What is kept of a column beside the output, so that the output follows the change of each element.
protocol Aggregate {
    /// The output for an empty list.
    var empty: Value { get }
    mutating func insert(_ entry: ElementEntry, _ output: inout DerivedOutput) throws(DerivedFailure)
    mutating func remove(_ label: Int64, _ result: Value, _ output: inout DerivedOutput) throws(DerivedFailure)
    /// The element changed, but the rule gives the same for it as before.
    mutating func refresh(_ entry: ElementEntry, _ output: inout DerivedOutput) throws(DerivedFailure)
    /// Writes what is only known when all elements are up to date.
    mutating func finish(_ source: ElementSource, _ output: inout DerivedOutput) throws(DerivedFailure)
}

extension Aggregate {
    mutating func finish(_ source: ElementSource, _ output: inout DerivedOutput) {}
}

extension DerivedRule {
    /// Nil when the rule asks nothing of elements.
    var aggregate: (any Aggregate)? {
        switch self {
        case .computed, .last, .count(_, nil): nil
        case .count: MatchCount()
        case .filtered: FilteredElements()
        case .mapOf(_, _, let value): ElementMap(hasValues: value != nil)
        case .sum: NumberSum()
        case .groupBy: ElementGroups()
        case .sortBy: SortedElements()
        }
    }

    /// The rules to evaluate for each element: none (the element itself), one, or a key and a value.
    var elementRules: [ElementRule] {
        switch self {
        case .computed, .last: []
        case .count(_, let rule), .sum(_, let rule): rule.map { [$0] } ?? []
        case .filtered(_, let rule), .groupBy(_, let rule), .sortBy(_, let rule): [rule]
        case .mapOf(_, let key, let value): value.map { [key, $0] } ?? [key]
        }
    }
}

/// A column with the list it belongs to.
struct ElementSource {
    let column: ElementColumn
    let list: List
}

struct MatchCount: Aggregate {
    private var count: Int64 = 0
    var empty: Value { .int(0) }

    mutating func insert(_ entry: ElementEntry, _ output: inout DerivedOutput) {
        if entry.result.isTrue { count += 1 }
    }

    mutating func remove(_ label: Int64, _ result: Value, _ output: inout DerivedOutput) {
        if result.isTrue { count -= 1 }
    }

    mutating func refresh(_ entry: ElementEntry, _ output: inout DerivedOutput) {}

    mutating func finish(_ source: ElementSource, _ output: inout DerivedOutput) { output.set(.int(count)) }
}

struct FilteredElements: Aggregate {
    private var labels = List()
    var empty: Value { .list([]) }

    private func rank(_ label: Int64) -> Int { labels.partition { ($0.int ?? 0) >= label } }

    mutating func insert(_ entry: ElementEntry, _ output: inout DerivedOutput) {
        guard entry.result.isTrue else { return }
        let rank = rank(entry.label)
        labels.insert(.int(entry.label), at: rank)
        output.write(.insert(output.root, at: rank, entry.element))
    }

    mutating func remove(_ label: Int64, _ result: Value, _ output: inout DerivedOutput) {
        guard result.isTrue else { return }
        let rank = rank(label)
        labels.remove(at: rank)
        output.write(.remove(output.root.appending(rank)))
    }

    mutating func refresh(_ entry: ElementEntry, _ output: inout DerivedOutput) {
        guard entry.result.isTrue else { return }
        output.update(output.root.appending(rank(entry.label)), entry.element)
    }
}

struct SortedElements: Aggregate {
    private var keys = List()
    private var labels = List()
    var empty: Value { .list([]) }

    private func rank(_ label: Int64, _ key: Value) -> Int {
        var (low, high) = (0, labels.count)
        while low < high {
            let middle = (low + high) / 2
            let order = Value.order(keys[middle], key)
            let isBehind = order > 0 || (order == 0 && (labels[middle].int ?? 0) >= label)
            if isBehind { high = middle } else { low = middle + 1 }
        }
        return low
    }

    mutating func insert(_ entry: ElementEntry, _ output: inout DerivedOutput) {
        let rank = rank(entry.label, entry.result)
        keys.insert(entry.result, at: rank)
        labels.insert(.int(entry.label), at: rank)
        output.write(.insert(output.root, at: rank, entry.element))
    }

    mutating func remove(_ label: Int64, _ result: Value, _ output: inout DerivedOutput) {
        let rank = rank(label, result)
        keys.remove(at: rank)
        labels.remove(at: rank)
        output.write(.remove(output.root.appending(rank)))
    }

    mutating func refresh(_ entry: ElementEntry, _ output: inout DerivedOutput) {
        output.update(output.root.appending(rank(entry.label, entry.result)), entry.element)
    }
}

extension DerivedOutput {
    /// Writes unless the same is there.
    mutating func update(_ place: Path, _ value: Value) {
        var current = values[place.cell]
        for step in place.steps { current = current?.child(at: step) }
        if current != value { write(.set(place, value)) }
    }
}

extension Value {
    /// What Lua calls true.
    var isTrue: Bool {
        switch self {
        case .null, .bool(false): false
        default: true
        }
    }

    /// Below 0, 0 or above 0: null, booleans, numbers, strings by their bytes, then all else as equals.
    static func order(_ left: Value, _ right: Value) -> Int {
        switch (left, right) {
        case (.bool(let left), .bool(let right)): left == right ? 0 : left ? 1 : -1
        case (.int(let left), .int(let right)): left == right ? 0 : left < right ? -1 : 1
        case (.string(let left), .string(let right)):
            left.utf8.lexicographicallyPrecedes(right.utf8)
                ? -1 : right.utf8.lexicographicallyPrecedes(left.utf8) ? 1 : 0
        case (.double(let left), .double(let right)): left == right ? 0 : left < right ? -1 : 1
        case (.int(let left), .double(let right)): order(left, right)
        case (.double(let left), .int(let right)): -order(right, left)
        default: left.orderClass - right.orderClass
        }
    }

    /// Exact, so that the order stays transitive where an int does not fit a double.
    private static func order(_ left: Int64, _ right: Double) -> Int {
        if right >= 0x1p63 { return -1 }
        if right < -0x1p63 { return 1 }
        let whole = right.rounded(.down)
        guard let floor = Int64(exactly: whole) else { return 0 }
        if left != floor { return left < floor ? -1 : 1 }
        return right > whole ? -1 : 0
    }

    private var orderClass: Int {
        switch self {
        case .null: 0
        case .bool: 1
        case .int, .double: 2
        case .string: 3
        case .list, .object, .link: 4
        }
    }
}
