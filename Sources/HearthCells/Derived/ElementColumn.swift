import HearthValues

/// What a rule gave for each element of a list, and what the rule read elsewhere for it.
///
/// Elements are known by labels that rise along the list, so that an element keeps its name while others come and go.
struct ElementColumn {
    /// One int per element, rising.
    private(set) var labels = List()
    /// What the rule gave for the element of the same index.
    private(set) var results = List()
    /// Cell -> part of it ("" or "/index") -> labels of the elements for which it was read.
    private(set) var foreign = Object()
    /// Label -> the cells and parts read for it, one after the other.
    private var readings = Object()

    private static let gap: Int64 = 1 << 32

    var count: Int { labels.count }

    func label(at index: Int) -> Int64 { labels[index].int ?? 0 }

    /// - Complexity: O(log² n).
    func index(of label: Int64) -> Int { labels.partition { ($0.int ?? 0) >= label } }

    func result(of label: Int64) -> Value { results[index(of: label)] }

    /// Makes room for an element; nil when there is no label left between its neighbours.
    mutating func insert(at index: Int) -> Int64? {
        let before = index > 0 ? label(at: index - 1) : nil
        let after = index < count ? label(at: index) : nil
        let label: Int64
        switch (before, after) {
        case (nil, nil): label = 0
        case (let before?, nil): label = before + Self.gap
        case (nil, let after?): label = after - Self.gap
        case (let before?, let after?):
            guard after - before > 1 else { return nil }
            label = before + (after - before) / 2
        }
        if index == count {
            labels.append(.int(label))
            results.append(.null)
        } else {
            labels.insert(.int(label), at: index)
            results.insert(.null, at: index)
        }
        return label
    }

    /// - Returns: the element's label and what the rule had given.
    mutating func remove(at index: Int) -> (label: Int64, result: Value) {
        let label = labels.remove(at: index).int ?? 0
        forget(label)
        return (label, results.remove(at: index))
    }

    /// Sets what the rule gave, and read outside the element itself.
    mutating func set(_ result: Value, at index: Int, foreign reads: [Read]) {
        results[index] = result
        let label = label(at: index)
        forget(label)
        if reads.isEmpty { return }
        var reading = List()
        for place in Set(reads.map(Place.init)) {
            reading.append(.string(place.cell))
            reading.append(.string(place.part))
            change(place) { $0[String(label)] = .null }
        }
        readings[String(label)] = .list(reading)
    }

    private mutating func forget(_ label: Int64) {
        guard !readings.isEmpty, case .list(let reading)? = readings.removeValue(forKey: String(label)) else { return }
        for index in stride(from: 0, to: reading.count, by: 2) {
            guard let cell = reading[index].string, let part = reading[index + 1].string else { continue }
            change(Place(cell: cell, part: part)) { $0[String(label)] = nil }
        }
    }

    private mutating func change(_ place: Place, _ body: (inout Object) -> Void) {
        foreign.withValue(forKey: place.cell) { (slot: inout Value?) in
            var parts = slot.take()?.object ?? Object()
            parts.withValue(forKey: place.part) { (slot: inout Value?) in
                var labels = slot.take()?.object ?? Object()
                body(&labels)
                slot = labels.isEmpty ? nil : .object(labels)
            }
            slot = parts.isEmpty ? nil : .object(parts)
        }
    }

    /// The elements for which something was read that a change may concern.
    func labels(concernedBy change: Change) -> [Int64] {
        guard !foreign.isEmpty, case .object(let parts)? = foreign[change.path.cell] else { return [] }
        var found: [Int64] = []
        func take(_ part: Value?) {
            for key in part?.object?.keys.map({ $0 }) ?? [] { if let label = Int64(key) { found.append(label) } }
        }
        switch change.path.steps.first {
        case .index(let index)?:
            take(parts[""])
            take(parts["/\(index)"])
        case .key?: take(parts[""])
        case nil:
            if case .pushed(_, let first, let values) = change {
                take(parts[""])
                for index in first..<(first + values.count) { take(parts["/\(index)"]) }
            } else {
                for (_, part) in parts { take(part) }
            }
        }
        return found
    }
}

/// A place that an element's rule read, as coarsely as it is indexed.
private struct Place: Hashable {
    let cell: String
    let part: String

    init(cell: String, part: String) {
        self.cell = cell
        self.part = part
    }

    init(_ read: Read) {
        cell = read.path.cell
        if case .index(let index)? = read.path.steps.first { part = "/\(index)" } else { part = "" }
    }
}

extension List {
    /// The first index from which `isBehind` holds, when it holds from some index on.
    ///
    /// - Complexity: O(log n) questions.
    func partition(where isBehind: (Value) -> Bool) -> Int {
        var (low, high) = (0, count)
        while low < high {
            let middle = (low + high) / 2
            if isBehind(self[middle]) { high = middle } else { low = middle + 1 }
        }
        return low
    }
}
