import HearthValues

/// The state of one derived cell beside its value.
struct DerivedNode {
    /// The cells it was last seen to need: there is an edge from each of these to it, and from no other.
    var sources: Set<String> = []
    var kind: Kind
    /// How often it was brought up to date.
    var recomputed = 0
    /// How often that gave what it was before, so that nothing further had to be done.
    var skipped = 0

    enum Kind {
        /// By cell, what was read.
        case computed([String: [Read]])
        case window(LastWindow)
        case length
        case column(ElementColumn, any Aggregate)
    }

    init(_ rule: DerivedRule) {
        switch rule {
        case .computed: kind = .computed([:])
        case .last(_, let size): kind = .window(LastWindow(size: size))
        default: kind = rule.aggregate.map { .column(ElementColumn(), $0) } ?? .length
        }
    }

    /// Whether a change makes the node stale.
    func isConcerned(by change: Change, _ list: Path?) -> Bool {
        switch kind {
        case .computed(let reads): return reads[change.path.cell]?.contains { change.concerns($0) } ?? false
        case .length:
            guard let list, let edit = change.edit(of: list) else { return false }
            if case .touched = edit { return false }
            return true
        case .window: return list.map { change.edit(of: $0) != nil } ?? false
        case .column(let column, _):
            return list.map { change.edit(of: $0) != nil } ?? false || column.foreign.contains(change.path.cell)
        }
    }
}
