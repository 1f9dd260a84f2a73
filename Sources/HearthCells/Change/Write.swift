package import HearthValues

/// What a handler asks of the cells: one intent, which can be applied again to a newer state.
///
/// Paths are final: a write does not follow links.
package enum Write: Sendable, Hashable {
    /// Sets a whole cell, a key of an object (made when absent) or an existing element of a list.
    case set(Path, Value)
    /// Inserts into the list at the path, in front of the element at `at`; the list's length appends.
    case insert(Path, at: Int, Value)
    /// Appends to the list at the path.
    case push(Path, [Value])
    /// Removes a whole cell, a key or an element of a list. Removing an absent cell or key changes nothing.
    case remove(Path)
    /// Adds to the number at the path. Two ints stay an int.
    case increment(Path, Value)

    /// The place the write is about: for `insert` and `push` the list.
    package var path: Path {
        switch self {
        case .set(let path, _), .insert(let path, _, _), .push(let path, _), .remove(let path), .increment(let path, _):
            path
        }
    }
}
