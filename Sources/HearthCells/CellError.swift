package import HearthValues

/// Why a write was refused; the state is as it was before.
package enum CellError: Error, Sendable, Hashable {
    /// Nothing is at the path (or a list's index is outside it).
    case missing(Path)
    /// Something else is there than the write needs.
    case wrongKind(Path, expected: String, found: String)
    /// The sum is not a finite number, or does not fit an int of 64 bits.
    case overflow(Path)

    /// Where it failed.
    package var path: Path {
        switch self {
        case .missing(let path), .wrongKind(let path, _, _), .overflow(let path): path
        }
    }

    /// What is wrong, for the author of a recipe.
    package var message: String {
        switch self {
        case .missing(let path): "nothing is at \(path)"
        case .wrongKind(let path, let expected, let found): "\(path) is \(found), not \(expected)"
        case .overflow(let path): "the sum at \(path) is too large for a number"
        }
    }
}
