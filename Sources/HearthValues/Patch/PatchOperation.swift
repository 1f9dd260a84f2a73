/// One operation of RFC 6902. `move` and `copy` are not part of the protocol.
package enum PatchOperation: Sendable, Hashable {
    /// Sets a key, or inserts before an index of a list (`-` or its length: appends), or sets the whole value.
    case add(Pointer, Value)
    /// Removes what must be there.
    case remove(Pointer)
    /// Replaces what must be there.
    case replace(Pointer, Value)
    /// Fails unless an equal value is there; numbers are compared by value.
    case test(Pointer, Value)

    /// What the operation is about.
    package var pointer: Pointer {
        switch self {
        case .add(let pointer, _), .remove(let pointer), .replace(let pointer, _), .test(let pointer, _): pointer
        }
    }

    /// The operation's name in JSON.
    package var name: String {
        switch self {
        case .add: "add"
        case .remove: "remove"
        case .replace: "replace"
        case .test: "test"
        }
    }

    /// The value that comes with the operation; nil for `remove`.
    package var value: Value? {
        switch self {
        case .add(_, let value), .replace(_, let value), .test(_, let value): value
        case .remove: nil
        }
    }

    /// Calls `body` with every link that the operation brings.
    package func forEachLink(_ body: (Link) -> Void) {
        switch self {
        case .add(_, let value): value.forEachLink(body)
        case .replace(_, let value): value.forEachLink(body)
        case .test(_, let value): value.forEachLink(body)
        case .remove: break
        }
    }
}
