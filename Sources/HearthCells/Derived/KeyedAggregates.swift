import HearthValues

/// The labels of the elements with each key, in order.
struct LabelsByKey {
    private var labels = Object()

    /// - Returns: where the label stands among those of its key.
    mutating func insert(_ label: Int64, _ key: String) -> (rank: Int, isFirstOfKey: Bool) {
        labels.withValue(forKey: key) { (slot: inout Value?) in
            var group = slot.take()?.list ?? List()
            let rank = group.partition { ($0.int ?? 0) >= label }
            group.insert(.int(label), at: rank)
            let isFirst = group.count == 1
            slot = .list(group)
            return (rank, isFirst)
        }
    }

    mutating func remove(_ label: Int64, _ key: String) -> (rank: Int, wasLastOfKey: Bool) {
        labels.withValue(forKey: key) { (slot: inout Value?) in
            var group = slot.take()?.list ?? List()
            let rank = group.partition { ($0.int ?? 0) >= label }
            if rank < group.count { group.remove(at: rank) }
            slot = group.isEmpty ? nil : .list(group)
            return (rank, group.isEmpty)
        }
    }

    func rank(_ label: Int64, _ key: String) -> Int {
        labels[key]?.list?.partition { ($0.int ?? 0) >= label } ?? 0
    }

    func last(_ key: String) -> Int64? { labels[key]?.list?.last?.int }
}

/// An object of elements, or of a value of each, by key; the last of equal keys shows.
struct ElementMap: Aggregate {
    /// Whether results are pairs of a key and a value.
    let hasValues: Bool
    private var labels = LabelsByKey()
    private var stale: Set<String> = []
    var empty: Value { .object([:]) }

    init(hasValues: Bool) { self.hasValues = hasValues }

    private func key(_ result: Value) throws(DerivedFailure) -> String? {
        if hasValues, case .list(let pair) = result { return try pair[0].mapKey() }
        return try result.mapKey()
    }

    mutating func insert(_ entry: ElementEntry, _ output: inout DerivedOutput) throws(DerivedFailure) {
        guard let key = try key(entry.result) else { return }
        _ = labels.insert(entry.label, key)
        stale.insert(key)
    }

    mutating func remove(_ label: Int64, _ result: Value, _ output: inout DerivedOutput) throws(DerivedFailure) {
        guard let key = try key(result) else { return }
        _ = labels.remove(label, key)
        stale.insert(key)
    }

    mutating func refresh(_ entry: ElementEntry, _ output: inout DerivedOutput) throws(DerivedFailure) {
        if let key = try key(entry.result) { stale.insert(key) }
    }

    mutating func finish(_ source: ElementSource, _ output: inout DerivedOutput) {
        for key in stale.sorted() {
            let place = output.root.appending(key)
            guard let label = labels.last(key) else {
                output.write(.remove(place))
                continue
            }
            let index = source.column.index(of: label)
            if hasValues, case .list(let pair) = source.column.results[index] {
                output.update(place, pair[1])
            } else {
                output.update(place, source.list[index])
            }
        }
        stale = []
    }
}

/// An object of lists of elements by key.
struct ElementGroups: Aggregate {
    private var labels = LabelsByKey()
    var empty: Value { .object([:]) }

    mutating func insert(_ entry: ElementEntry, _ output: inout DerivedOutput) throws(DerivedFailure) {
        guard let key = try entry.result.mapKey() else { return }
        let (rank, isFirst) = labels.insert(entry.label, key)
        let group = output.root.appending(key)
        output.write(isFirst ? .set(group, .list([entry.element])) : .insert(group, at: rank, entry.element))
    }

    mutating func remove(_ label: Int64, _ result: Value, _ output: inout DerivedOutput) throws(DerivedFailure) {
        guard let key = try result.mapKey() else { return }
        let (rank, wasLast) = labels.remove(label, key)
        let group = output.root.appending(key)
        output.write(.remove(wasLast ? group : group.appending(rank)))
    }

    mutating func refresh(_ entry: ElementEntry, _ output: inout DerivedOutput) throws(DerivedFailure) {
        guard let key = try entry.result.mapKey() else { return }
        output.update(output.root.appending(key).appending(labels.rank(entry.label, key)), entry.element)
    }
}

struct NumberSum: Aggregate {
    /// Wide enough for 2^64 ints.
    private var ints: Int128 = 0
    private var doubles = ExactSum()
    private var doubleCount = 0
    var empty: Value { .int(0) }

    mutating func insert(_ entry: ElementEntry, _ output: inout DerivedOutput) {
        switch entry.result {
        case .int(let value): ints += Int128(value)
        case .double(let value):
            doubles.add(value)
            doubleCount += 1
        default: break
        }
    }

    mutating func remove(_ label: Int64, _ result: Value, _ output: inout DerivedOutput) {
        switch result {
        case .int(let value): ints -= Int128(value)
        case .double(let value):
            doubles.subtract(value)
            doubleCount -= 1
        default: break
        }
    }

    mutating func refresh(_ entry: ElementEntry, _ output: inout DerivedOutput) {}

    mutating func finish(_ source: ElementSource, _ output: inout DerivedOutput) throws(DerivedFailure) {
        if doubleCount == 0 {
            output.set(Int64(exactly: ints).map { .int($0) } ?? .double(Double(ints)))
            return
        }
        var sum = doubles
        sum.add(ints)
        let total = sum.rounded
        guard total.isFinite else { throw DerivedFailure("the sum is too large for a number") }
        output.set(.double(total))
    }
}

extension ExactSum {
    /// Adds a wide int exactly, as doubles of 32 bits each.
    mutating func add(_ value: Int128) {
        var rest = value.magnitude
        var weight = 1.0
        while rest != 0 {
            let part = Double(UInt32(truncatingIfNeeded: rest)) * weight
            if value < 0 { subtract(part) } else { add(part) }
            rest >>= 32
            weight *= 0x1p32
        }
    }
}

extension Value {
    /// The key of an object for this result of a rule; nil when there is none.
    fileprivate func mapKey() throws(DerivedFailure) -> String? {
        switch self {
        case .null: return nil
        case .string(let key): return key
        case .int(let key): return String(key)
        case .bool(let key): return String(key)
        case .double: return JSON.text(self)
        case .list, .object, .link: throw DerivedFailure("a key must be a string or a number, not \(kindName)")
        }
    }
}
