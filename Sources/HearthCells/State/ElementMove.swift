import HearthValues

/// How a change moves elements of lists, and with them the links that name them.
///
/// A link names a list element by its index. So that it keeps naming the same element, the index in it is rewritten in
/// the commit that moves the element, and becomes `-`, which names nothing, in the commit that removes it.
struct ElementMove {
    private let cell: String
    private let tokens: [String]
    private let kind: Kind

    private enum Kind {
        case insertion(Int)
        case removal(Int)
        case replacement(old: Value, new: Value?)
    }

    /// Nil when the change moves nothing.
    init?(_ performed: Performed) {
        let path = performed.change.path
        switch performed.change {
        case .created, .pushed: return nil
        case .inserted(_, let index, _): kind = .insertion(index)
        case .removedElement(_, let index): kind = .removal(index)
        case .removed:
            guard let old = performed.old, old.hasParts else { return nil }
            kind = .replacement(old: old, new: nil)
        case .replaced(_, let new):
            guard let old = performed.old, old.hasParts else { return nil }
            kind = .replacement(old: old, new: new)
        }
        cell = path.cell
        tokens = path.steps.map(\.token)
    }

    /// The links in the cell `source` that must change, with where they stand.
    func rewrites(in source: String, _ value: Value?) -> [(Path, Link)] {
        var found: [(Path, Link)] = []
        var steps: [Step] = []
        if let value { collect(value, source, &steps, &found) }
        return found
    }

    private func collect(_ value: Value, _ source: String, _ steps: inout [Step], _ found: inout [(Path, Link)]) {
        switch value {
        case .link(let link):
            if let moved = moved(link) { found.append((Path(cell: source, steps: steps), moved)) }
        case .list(let list):
            for (index, element) in list.enumerated() where element.mayHoldLinks {
                steps.append(.index(index))
                collect(element, source, &steps, &found)
                steps.removeLast()
            }
        case .object(let object):
            for (key, field) in object where field.mayHoldLinks {
                steps.append(.key(key))
                collect(field, source, &steps, &found)
                steps.removeLast()
            }
        case .null, .bool, .int, .double, .string: break
        }
    }

    /// The link after the change, or nil when it stays as it is.
    private func moved(_ link: Link) -> Link? {
        guard link.cell == cell else { return nil }
        var pointer = link.pointer
        let depth = tokens.count
        guard pointer.tokens.count > depth, Pointer(tokens: tokens).isPrefix(of: pointer) else { return nil }
        switch kind {
        case .insertion(let first):
            guard let index = Pointer.index(pointer.tokens[depth]), index >= first else { return nil }
            pointer.tokens[depth] = String(index + 1)
        case .removal(let removed):
            guard let index = Pointer.index(pointer.tokens[depth]), index >= removed else { return nil }
            pointer.tokens[depth] = index == removed ? "-" : String(index - 1)
        case .replacement(let old, let new):
            guard let gone = lostElement(pointer.tokens[depth...], old, new) else { return nil }
            pointer.tokens[gone] = "-"
        }
        return Link(cell: cell, pointer: pointer)
    }

    /// Where along `tokens` the old value had a list element that the new one has not.
    private func lostElement(_ tokens: Slice<PointerTokens>, _ old: Value, _ new: Value?) -> Int? {
        var (old, new) = (old, new)
        for (position, token) in zip(tokens.indices, tokens) {
            switch old {
            case .list(let list):
                guard let index = Pointer.index(token), index < list.count else { return nil }
                guard case .list(let newList)? = new, index < newList.count else { return position }
                (old, new) = (list[index], newList[index])
            case .object(let object):
                guard let field = object[token] else { return nil }
                (old, new) = (field, new?.object?[token])
            default: return nil
            }
        }
        return nil
    }
}

extension Value {
    fileprivate var hasParts: Bool {
        switch self {
        case .list(let list): !list.isEmpty
        case .object(let object): !object.isEmpty
        default: false
        }
    }

    fileprivate var mayHoldLinks: Bool {
        switch self {
        case .list, .object, .link: true
        default: false
        }
    }
}
