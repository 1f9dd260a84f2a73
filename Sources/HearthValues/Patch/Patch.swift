/// A change to a value, as RFC 6902 spells it.
package struct Patch: Sendable, Hashable {
    package var operations: [PatchOperation]

    package init(operations: [PatchOperation] = []) { self.operations = operations }

    /// - Complexity: O(1).
    package var isEmpty: Bool { operations.isEmpty }
}
