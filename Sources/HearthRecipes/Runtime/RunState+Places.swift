import HearthCells
import HearthLua
import HearthTransactions
import HearthValues

/// Where proxies lead, and what lies there.
extension RunState {
    /// The node of a root cell, by its name.
    func root(_ name: String) throws(RunError) -> Node {
        if reachesAll, mode == .handler || mode == .looking, let node = rootOfMigration(name) { return node }
        guard let place = catalog.place(of: name) else { throw catalog.unknown(name) }
        return try root(at: place)
    }

    /// The node of a root cell, by the catalog's place.
    func root(at place: Int) throws(RunError) -> Node {
        let entry = catalog.entries[place]
        guard let node = nodes.roots[place], mode != .deriving || entry.scope == .room || entry.scope == .many else {
            throw absentOwner(entry)
        }
        return node
    }

    private func absentOwner(_ entry: CellCatalog.Entry) -> RunError {
        let owner = entry.scope == .session ? "session" : "user"
        if mode == .deriving {
            return RunError("\(entry.name) is per \(owner): a derived cell is the same for everyone and cannot read it")
        }
        return RunError(
            "\(entry.name) is per \(owner), and this run has no participant (a timer, a server or another room started it)"
        )
    }

    /// The node at a path whose links were followed.
    func node(at path: Path) -> Node {
        let kind = catalog.entry(ofCell: path.cell)?.source.kind ?? .stored
        return Node(kind: kind, path: path, type: catalog.type(at: path) ?? .any)
    }

    /// Follows a node's path through all links and records what was asked at its end.
    /// - Parameter aspect: nil records only the links on the way.
    /// - Returns: where it led, and what lies there; nil when nothing does.
    func look(_ node: Node, _ aspect: ReadAspect?) throws(RunError) -> (node: Node, value: Value?) {
        switch node.kind {
        case .stored: return try lookStored(node, aspect)
        case .ephemeral:
            if mode == .deriving { throw RunError("\(node.path.cell) is ephemeral: a derived cell cannot follow it") }
            return try lookBeside(node, ephemeral.value(at: node.path), aspect)
        case .derived:
            if mode == .deriving { return try lookStored(node, aspect) }
            if let aspect { transaction.read(node.path, aspect, line: callerPlace()) }
            return try lookBeside(node, try derivedValue(at: node.path), aspect)
        case .cells, .many, .gone: return (node, nil)
        }
    }

    /// What lies at a stored node when no link leads there: what `resolve` would find and record, without the means to
    /// follow links. Nil when it is not as simple as that.
    func plainValue(at node: Node, _ aspect: ReadAspect?) -> Value? {
        guard node.kind == .stored, mode != .deriving else { return nil }
        return transaction.readPlain(node.path, aspect, line: callerPlace)
    }

    private func lookStored(_ node: Node, _ aspect: ReadAspect?) throws(RunError) -> (node: Node, value: Value?) {
        if let value = plainValue(at: node, aspect) { return (node, value) }
        if mode != .deriving, node.path.steps.isEmpty, transaction.state.cells[node.path.cell]?.isNull == true {
            // Absent because of what it holds: another value would make it be there.
            if aspect != nil { transaction.read(node.path, .value, line: callerPlace()) }
            return (node, nil)
        }
        let found = resolve(node.path, aspect)
        if reader?.isAbandoned == true {
            // The graph learns from this read which derived cell must come first.
            _ = resolve(found.path, .value)
            throw RunError("another derived cell comes first")
        }
        let target = found.hops.isEmpty ? node : self.node(at: found.path)
        if let value = found.value {
            if aspect == .existence, found.path.steps.isEmpty, value.isNull {
                // Absent because of what it holds: another value would make it be there.
                _ = resolve(found.path, .value)
            }
            return (target, found.path.steps.isEmpty && value.isNull ? nil : value)
        }
        if target.kind != .stored, mode != .deriving { return try look(target, aspect) }
        return (target, initialValue(at: found.path))
    }

    /// A value outside the stored cells; a link in it leads back into them.
    private func lookBeside(
        _ node: Node, _ value: Value?, _ aspect: ReadAspect?
    ) throws(RunError) -> (node: Node, value: Value?) {
        if case .link(let link) = value {
            return try look(try target(of: link), aspect)
        }
        if value == nil, node.kind == .ephemeral { return (node, initialEphemeral(at: node.path)) }
        return (node, node.path.steps.isEmpty && value?.isNull == true ? nil : value)
    }

    /// The place that a link names. Whether a token is a key or an index shows in what is there.
    func target(of link: Link) throws(RunError) -> Node {
        let root = node(at: Path(cell: link.cell))
        let tokens = link.pointer.tokens
        if tokens.isEmpty { return root }
        var value = try look(root, nil).value
        var path = root.path
        for token in tokens {
            var step = Step.key(token)
            if case .list = value { step = Pointer.index(token).map { .index($0) } ?? step }
            value = value?.child(at: step)
            path.steps.append(step)
        }
        return node(at: path)
    }

    private func resolve(_ path: Path, _ aspect: ReadAspect?) -> Resolution {
        let line = aspect == nil ? 0 : callerPlace()
        // Taken out while it works, so that what it remembers is not copied.
        if mode == .deriving, var taken = reader.take() {
            defer { reader = taken }
            return taken.resolve(path, aspect, line: line)
        }
        return transaction.resolve(path, aspect, line: line)
    }

    /// What lies at a node, seen without recording it: for checks of writes, which must not make them less blind.
    func peek(_ node: Node) throws(RunError) -> Value? {
        switch node.kind {
        case .stored: transaction.state.value(at: node.path) ?? initialValue(at: node.path)
        case .ephemeral: ephemeral.value(at: node.path) ?? initialEphemeral(at: node.path)
        case .derived: try derivedValue(at: node.path)
        case .cells, .many, .gone: nil
        }
    }

    /// A cell that was never written holds what its type begins with.
    private func initialValue(at path: Path) -> Value? {
        // Outside of runs a derived function sees only what is stored; rooms store a cell's first value when they begin.
        if mode == .deriving || transaction.state.cells.contains(path.cell) { return nil }
        return initial(path)
    }

    private func initialEphemeral(at path: Path) -> Value? {
        if ephemeral.cells.contains(path.cell) { return nil }
        return initial(path)
    }

    /// Somebody's cell who is gone is not there, nor is one that was made and collected; one's own and the room's are.
    private func initial(_ path: Path) -> Value? {
        guard let entry = catalog.entry(ofCell: path.cell), entry.scope != .many,
            let place = catalog.place(of: entry.name), ownCells[place] == path.cell
        else { return nil }
        return entry.initial?.value(at: path.pointerInCell)
    }

    var ephemeral: CellState {
        if let ephemeralState { return ephemeralState }
        let state = CellState(cells: ephemeralCells)
        ephemeralState = state
        return state
    }

    /// A node that still names something that can be looked up.
    func live(_ id: UInt32) throws(RunError) -> Node {
        try refuseUnless(writing: false)
        let node = try nodes[id]
        switch node.kind {
        case .gone: throw gone(node)
        case .cells: throw RunError("cells is not a cell; name one: cells.title")
        case .many: throw RunError("\(node.path.cell) is made on demand: cells.\(node.path.cell):new {…} makes one")
        default: return node
        }
    }

    func gone(_ node: Node) -> RunError {
        RunError("this element of \(node.path.cell) was removed by this handler")
    }
}

extension CellCatalog.Entry.Source {
    var kind: Node.Kind {
        switch self {
        case .stored: .stored
        case .ephemeral: .ephemeral
        case .derived: .derived
        }
    }
}

extension CellType {
    /// What a place that always holds a list or an object of this type is to Lua; nil when it may hold anything else.
    var container: NodeKind? {
        switch self {
        case .list: .list
        case .map, .object: .object
        case .string, .integer, .number, .boolean, .choice, .optional, .any, .link: nil
        }
    }

    /// What reading a place of this type asks: scalars for their value, containers for being there. Nil when that shows
    /// only in what is found.
    var aspect: ReadAspect? {
        switch self {
        case .string, .integer, .number, .boolean, .choice: .value
        case .list, .map, .object: .existence
        case .optional(let inner): inner.aspect
        case .any, .link: nil
        }
    }
}

extension Path {
    /// How messages call the place: "messages/3/text".
    var title: String { String(description.dropFirst()) }
}
