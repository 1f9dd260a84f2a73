/// Why a patch could not be read or applied. `index` is the operation's position in the patch, from 0.
package enum PatchError: Error, Sendable, Hashable {
    /// Not a list of objects with the right members; says what would be right.
    case malformed(index: Int?, String)
    /// An `op` other than add, remove, replace and test.
    case unknownOperation(index: Int, String)
    /// Nothing is at the pointer, or what holds it is missing.
    case missing(index: Int, Pointer)
    /// The token of the pointer that should be a list index is none, or is out of range.
    case badIndex(index: Int, Pointer, token: String)
    /// A step into a value that is neither list nor object.
    case notContainer(index: Int, Pointer, kind: String)
    /// A `test` found another value.
    case testFailed(index: Int, Pointer)

    /// What is wrong and what would be right, for people.
    package var message: String {
        switch self {
        case .malformed(let index?, let problem): "operation \(index): \(problem)"
        case .malformed(nil, let problem): problem
        case .unknownOperation(let index, let name):
            "operation \(index): unknown op \"\(name)\"; known are add, remove, replace, test"
        case .missing(let index, let pointer): "operation \(index): nothing is at \"\(pointer)\""
        case .badIndex(let index, let pointer, let token):
            "operation \(index): \"\(token)\" in \"\(pointer)\" is not an index of the list there"
        case .notContainer(let index, let pointer, let kind):
            "operation \(index): \"\(pointer)\" steps into a \(kind); only lists and objects hold other values"
        case .testFailed(let index, let pointer): "operation \(index): another value is at \"\(pointer)\""
        }
    }
}
