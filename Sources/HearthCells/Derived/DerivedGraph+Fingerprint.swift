import HearthValues

extension DerivedGraph {
    /// Values, edges, heights, caches and counters as text: equal before and after what must leave no trace.
    ///
    /// - Complexity: O(size of the derived cells and of what is kept for them).
    package var fingerprint: String {
        let edges = readers.map { "\($0.key)>\($0.value.sorted())" }.sorted()
        let caches = zip(definitions, nodes).map { definition, node in
            "\(definition.name) \(node.sources.sorted()) \(node.recomputed) \(node.skipped) \(node.kind)"
        }
        return "\(JSON.text(.object(values))) \(heights) \(edges) \(caches) \(lastChanges.count)"
    }
}
