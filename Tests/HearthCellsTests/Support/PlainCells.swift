import HearthCells
import HearthValues

/// The naive model of cells: plain trees copied whole, whose list elements have names of their own, so that a link is
/// known to name the right element.
struct PlainCells {
    indirect enum Tree {
        case scalar(Value)
        case list([(name: Int, tree: Tree)])
        case object([String: Tree])
        case link(Target)
    }

    /// Where a link leads: keys, or the names of elements.
    final class Target {
        enum Part {
            case token(String)
            case element(Int)
        }
        let cell: String
        var parts: [Part]
        init(cell: String, parts: [Part]) {
            self.cell = cell
            self.parts = parts
        }
    }

    var cells: [String: Tree] = [:]
    private var names = 0

    init(_ cells: Object) {
        for (cell, value) in cells { self.cells[cell] = tree(value) }
    }

    var object: Object {
        var object = Object()
        for (cell, tree) in cells { object[cell] = value(tree) }
        return object
    }

    /// How many links lead to each cell.
    var linkCounts: Object {
        var counts: [String: Int64] = [:]
        func count(_ tree: Tree) {
            switch tree {
            case .scalar: break
            case .list(let elements): for element in elements { count(element.tree) }
            case .object(let fields): for (_, field) in fields { count(field) }
            case .link(let target): counts[target.cell, default: 0] += 1
            }
        }
        for (_, tree) in cells { count(tree) }
        return Object(counts.map { (key: $0.key, value: .int($0.value)) })
    }

    /// - Returns: false when the write does not fit.
    mutating func apply(_ write: Write) -> Bool {
        let before = self
        let isDone: Bool
        switch write {
        case .set(let path, let value):
            let new = tree(value)
            isDone = change(path) { old in old.map { Self.inherit(new, $0) } ?? new }
        case .remove(let path): isDone = change(path) { _ in nil }
        case .push(let path, let values):
            let trees = values.map { (name: name(), tree: tree($0)) }
            isDone = onList(path) { $0 + trees }
        case .insert(let path, let index, let value):
            let new = (name: name(), tree: tree(value))
            isDone = onList(path) { elements in
                guard elements.indices.contains(index) || index == elements.count else { return nil }
                return elements[..<index] + [new] + elements[index...]
            }
        case .increment(let path, let amount):
            var sum: Value?
            if case .scalar(let old)? = find(path) { sum = add(old, amount) }
            isDone = sum.map { sum in change(path) { _ in .scalar(sum) } } ?? false
        }
        if !isDone { self = before } else { settleLinks() }
        return isDone
    }

    private func add(_ left: Value, _ right: Value) -> Value? {
        switch (left, right) {
        case (.int(let left), .int(let right)): return .int(left + right)
        case (.double(let left), .int(let right)): return .double(left + Double(right))
        case (.int(let left), .double(let right)): return .double(Double(left) + right)
        case (.double(let left), .double(let right)): return (left + right).isFinite ? .double(left + right) : nil
        default: return nil
        }
    }

    private typealias Elements = [(name: Int, tree: Tree)]

    private mutating func onList(_ path: Path, _ body: (Elements) -> Elements?) -> Bool {
        guard case .list(let elements)? = find(path), let new = body(elements) else { return false }
        return change(path) { _ in .list(new) }
    }

    private func find(_ path: Path) -> Tree? {
        var tree = cells[path.cell]
        for step in path.steps {
            switch (tree, step) {
            case (.list(let elements)?, .index(let index)):
                guard elements.indices.contains(index) else { return nil }
                tree = elements[index].tree
            case (.object(let fields)?, .key(let key)): tree = fields[key]
            default: return nil
            }
        }
        return tree
    }

    /// Changes what is at a path, whose parent must exist.
    private mutating func change(_ path: Path, _ body: (Tree?) -> Tree?) -> Bool {
        guard let last = path.steps.last else {
            cells[path.cell] = body(cells[path.cell])
            return true
        }
        let parent = Path(cell: path.cell, steps: path.steps.dropLast())
        switch (find(parent), last) {
        case (.object(var fields)?, .key(let key)):
            fields[key] = body(fields[key])
            return change(parent) { _ in .object(fields) }
        case (.list(var elements)?, .index(let index)) where elements.indices.contains(index):
            if let new = body(elements[index].tree) { elements[index].tree = new } else { elements.remove(at: index) }
            return change(parent) { _ in .list(elements) }
        default: return false
        }
    }

    private mutating func name() -> Int {
        names += 1
        return names
    }

    private mutating func tree(_ value: Value) -> Tree {
        switch value {
        case .list(let list): return .list(list.map { (name: name(), tree: tree($0)) })
        case .object(let object):
            var fields: [String: Tree] = [:]
            for (key, field) in object { fields[key] = tree(field) }
            return .object(fields)
        case .link(let link): return .link(target(link))
        default: return .scalar(value)
        }
    }

    private func target(_ link: Link) -> Target {
        var parts: [Target.Part] = []
        var tree = cells[link.cell]
        for token in link.pointer.tokens {
            switch tree {
            case .list(let elements)?:
                if let index = Pointer.index(token), elements.indices.contains(index) {
                    parts.append(.element(elements[index].name))
                    tree = elements[index].tree
                } else {
                    parts.append(.token(token))
                    tree = nil
                }
            case .object(let fields)?:
                parts.append(.token(token))
                tree = fields[token]
            default:
                parts.append(.token(token))
                tree = nil
            }
        }
        return Target(cell: link.cell, parts: parts)
    }

    /// What replaces a list keeps the names of the elements by their places.
    private static func inherit(_ new: Tree, _ old: Tree) -> Tree {
        switch (new, old) {
        case (.list(let elements), .list(let before)):
            return .list(
                elements.enumerated().map { index, element in
                    guard index < before.count else { return element }
                    return (name: before[index].name, tree: inherit(element.tree, before[index].tree))
                })
        case (.object(let fields), .object(let before)):
            return .object(
                Dictionary(
                    uniqueKeysWithValues: fields.map { key, field in
                        (key, before[key].map { inherit(field, $0) } ?? field)
                    }))
        default: return new
        }
    }

    /// Links to elements that are gone say so.
    private func settleLinks() {
        func visit(_ tree: Tree) {
            switch tree {
            case .scalar: break
            case .list(let elements): for element in elements { visit(element.tree) }
            case .object(let fields): for (_, field) in fields { visit(field) }
            case .link(let target): settle(target)
            }
        }
        for (_, tree) in cells { visit(tree) }
    }

    private func settle(_ target: Target) {
        var tree = cells[target.cell]
        for (position, part) in target.parts.enumerated() {
            switch (part, tree) {
            case (.element(let name), .list(let elements)?):
                guard let element = elements.first(where: { $0.name == name }) else {
                    target.parts[position] = .token("-")
                    return freeze(target, position)
                }
                tree = element.tree
            case (.element, _):
                target.parts[position] = .token("-")
                return freeze(target, position)
            case (.token(let key), .object(let fields)?): tree = fields[key]
            case (.token(let token), .list(let elements)?):
                // What was an object with a key like an index is a list now.
                guard let index = Pointer.index(token), index < elements.count else {
                    tree = nil
                    continue
                }
                target.parts[position] = .element(elements[index].name)
                tree = elements[index].tree
            case (.token, _): tree = nil
            }
        }
    }

    /// What lies below an element that is gone names nothing, and stays as it was spelled.
    private func freeze(_ target: Target, _ position: Int) {
        for later in target.parts.indices where later > position {
            if case .element(let name) = target.parts[later] { target.parts[later] = .token("?\(name)") }
        }
    }

    private func value(_ tree: Tree) -> Value {
        switch tree {
        case .scalar(let value): return value
        case .list(let elements): return .list(List(elements.map { value($0.tree) }))
        case .object(let fields): return .object(Object(fields.map { (key: $0.key, value: value($0.value)) }))
        case .link(let target):
            var tokens: [String] = []
            var tree = cells[target.cell]
            for part in target.parts {
                switch (part, tree) {
                case (.element(let name), .list(let elements)?):
                    let index = elements.firstIndex { $0.name == name } ?? -1
                    tokens.append(String(index))
                    tree = index >= 0 ? elements[index].tree : nil
                case (.element, _): tokens.append("lost")
                case (.token(let token), .object(let fields)?):
                    tokens.append(token)
                    tree = fields[token]
                case (.token(let token), _):
                    tokens.append(token)
                    tree = nil
                }
            }
            return .link(Link(cell: target.cell, pointer: Pointer(tokens: tokens)))
        }
    }
}
