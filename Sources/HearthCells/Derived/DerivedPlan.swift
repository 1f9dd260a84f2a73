import HearthValues

/// What never changes of a graph. Its copies share it, so that a snapshot of a graph is a few references.
final class DerivedPlan {
    let definitions: [DerivedDefinition]
    let indices: [String: Int]
    /// Whether an update may fail. A rule that follows a derived list may be part of a ring.
    let canFail: Bool
    /// The lists of the derived cells, by their places, when all of them only count or show the end of a stored list;
    /// else nil.
    let followed: [FollowedList]?

    /// The plan of no derived cells.
    init() {
        definitions = []
        indices = [:]
        canFail = false
        followed = []
    }

    /// - Throws: `DerivedError.duplicate`.
    init(_ definitions: [DerivedDefinition]) throws(DerivedError) {
        var indices: [String: Int] = [:]
        for (index, definition) in definitions.enumerated() {
            guard indices.updateValue(index, forKey: definition.name) == nil else {
                throw .duplicate(definition.name)
            }
        }
        let lists = definitions.compactMap(\.rule.list)
        canFail = definitions.contains { $0.rule.canFail } || lists.contains { indices[$0.cell] != nil }
        followed =
            canFail
            ? nil
            : lists.indices.map { place in
                FollowedList(path: lists[place], isThatBefore: place > 0 && lists[place] == lists[place - 1])
            }
        self.definitions = definitions
        self.indices = indices
    }
}

/// The list that a derived cell counts or shows the end of.
struct FollowedList {
    let path: Path
    /// Whether the derived cell before this one follows the same list.
    let isThatBefore: Bool
}
