import HearthValues

/// What never changes of a graph. Its copies share it, so that a snapshot of a graph is a few references.
final class DerivedPlan {
    let definitions: [DerivedDefinition]
    let indices: [String: Int]
    /// Whether an update may fail. A rule that follows a derived list may be part of a ring.
    let canFail: Bool
    /// The lists of the derived cells, by their places, when all of them only count or show the end of a stored list;
    /// else nil.
    let followed: [Path]?

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
        followed = canFail ? nil : lists
        self.definitions = definitions
        self.indices = indices
    }
}
