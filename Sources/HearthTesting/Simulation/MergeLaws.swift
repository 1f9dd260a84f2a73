import HearthRecipes
import HearthRooms
import HearthTransactions
import HearthValues

/// What a merge function must do with any three values that a cell has had, of which two came after the first: come to the
/// same whichever of the two sides comes first.
///
/// Where both sides gave one place different values, either may win. Where only one side changed something, that must
/// stand, whether it comes first or second. What differs only in the order of a list's items, or of a text's letters, is
/// the same.
struct MergeLaws {
    /// The values that cells with merge functions had, in their order.
    private var seen: [String: [Value]] = [:]

    static let valuesMax = 6

    mutating func note(_ cell: String, _ value: Value) {
        let values = seen[cell] ?? []
        if values.last != value { seen[cell] = Array((values + [value]).suffix(Self.valuesMax)) }
    }

    struct Breach {
        var cell: String
        var base: Value
        var one: Value
        var other: Value
        /// With the one side first, and with the other.
        var merged: (Value?, Value?)
    }

    /// The first case in which the order of two changes decides what is lost.
    func breach(merging merge: (_ cell: String, _ base: Value, _ mine: Value, _ theirs: Value) -> Value?) -> Breach? {
        for (cell, values) in seen.sorted(by: { $0.key < $1.key }) {
            for (place, base) in values.enumerated() {
                // What was there before is nothing that anybody could have made of it.
                let later = values[(place + 1)...].filter { $0 != base }
                for (place, one) in later.enumerated() {
                    for other in later[(place + 1)...] where other != one {
                        let merged = (merge(cell, base, other, one), merge(cell, base, one, other))
                        guard Self.differs(merged.0, merged.1, base, one, other) else { continue }
                        return Breach(cell: cell, base: base, one: one, other: other, merged: merged)
                    }
                }
            }
        }
        return nil
    }

    /// - Parameters: nil, in maps: nothing stands there; as a whole: a conflict, which loses nothing.
    private static func differs(_ first: Value?, _ second: Value?, _ base: Value?, _ one: Value?, _ other: Value?)
        -> Bool
    {
        if first?.unordered == second?.unordered { return false }
        let objects = [first, second, base, one, other].map { $0?.object }
        if objects[0] != nil || objects[1] != nil, [first, second].allSatisfy({ $0 == nil || $0?.object != nil }) {
            let keys = Set(objects.flatMap { $0?.map(\.key) ?? [] })
            return keys.contains { key in
                let inner = objects.map { $0?[key] }
                return differs(inner[0], inner[1], inner[2], inner[3], inner[4])
            }
        }
        let bothChanged = one != base && other != base
        return !(bothChanged && [one, other].contains(first) && [one, other].contains(second))
    }
}

extension Value {
    /// Without the order of what stands in it, to compare what was kept.
    fileprivate var unordered: Value {
        switch self {
        case .list(let list):
            .list(List(list.map(\.unordered).sorted { JSON.text($0) < JSON.text($1) }))
        case .object(let object):
            .object(Object(object.map { (key: $0.key, value: $0.value.unordered) }.sorted { $0.key < $1.key }))
        case .string(let text): .string(String(text.unicodeScalars.sorted().map(Character.init)))
        default: self
        }
    }
}

extension SimulatedRoom {
    func noteMergedCells() {
        for (id, value) in machine.cells where mergeFunction(of: id) != nil { mergeLaws.note(id, value) }
    }

    private func mergeFunction(of cell: String) -> Int? {
        guard let policy = recipe.declaration(ofCell: cell)?.merge, case .custom(let function) = policy else {
            return nil
        }
        return function
    }

    /// Tries the recipe's merge functions on what their cells have held.
    func complainOfMerges() {
        noteMergedCells()
        let breach = mergeLaws.breach { [self] cell, base, mine, theirs in
            guard let function = mergeFunction(of: cell) else { return nil }
            return runtime.merge(function, base: base, mine: mine, theirs: theirs, cell: cell)
        }
        guard let breach, let function = mergeFunction(of: breach.cell) else { return }
        func shown(_ value: Value?) -> String { value.map { JSON.text($0) } ?? "a conflict" }
        note(
            "\(breach.cell) is \(shown(breach.base)); one makes it \(shown(breach.one)),"
                + " another at the same time \(shown(breach.other))")
        note("    merged with the one first: \(shown(breach.merged.0))")
        note("    merged with the other first: \(shown(breach.merged.1))")
        let place = runtime.place(ofMerge: function).map { " (\($0))" } ?? ""
        complain("the merge of \(breach.cell) loses what one of two did, depending on who comes first\(place)")
    }
}
