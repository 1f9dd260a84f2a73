import HearthValues

extension DerivedGraph {
    /// Queues the nodes that `changes` make stale.
    func enqueue(_ changes: ArraySlice<Change>, _ pass: inout DerivedPass) {
        for change in changes {
            for node in readers[change.path.cell] ?? [] where !pass.queued.contains(node) {
                if nodes[node].isConcerned(by: change, definitions[node].rule.list) { pass.queued.append(node) }
            }
        }
    }

    /// Brings all queued nodes up to date, lowest first.
    mutating func settleAll(_ pass: inout DerivedPass) throws(DerivedError) {
        while let lowest = pass.queued.min(by: { heights[$0] < heights[$1] }) {
            pass.floor = heights[lowest]
            try settle(lowest, [], &pass)
        }
    }

    /// Brings a node and all it needs up to date.
    ///
    /// - Parameter waiting: the nodes that wait for this one, outermost first.
    mutating func settle(_ node: Int, _ waiting: [Int], _ pass: inout DerivedPass) throws(DerivedError) {
        if let first = waiting.firstIndex(of: node) {
            throw .cycle((waiting[first...] + [node]).map { definitions[$0].name })
        }
        if heights[node] < pass.floor || pass.settled.contains(node) { return }
        if nodes[node].sources.isEmpty, let list = definitions[node].rule.list { connect(node, to: [list.cell]) }
        let waiting = waiting + [node]
        for source in nodes[node].sources {
            if let needed = indices[source] { try settle(needed, waiting, &pass) }
        }
        if pass.dequeue(node) {
            let known = pass.changes.count
            try run(node, waiting, &pass)
            try lift(node, depth: 0)
            nodes[node].recomputed += 1
            // What the node made others do meanwhile is among the changes too, and has been seen to.
            let own = pass.changes[known...].filter { $0.path.cell == definitions[node].name }
            if own.isEmpty { nodes[node].skipped += 1 }
            enqueue(own[...], &pass)
        }
        pass.settled.insert(node)
    }

    private mutating func run(_ node: Int, _ waiting: [Int], _ pass: inout DerivedPass) throws(DerivedError) {
        switch definitions[node].rule {
        case .computed(let function):
            let (value, reads) = try evaluate(node, waiting, &pass, function)
            let byCell = Dictionary(grouping: reads.count > 8 ? Array(Set(reads)) : reads, by: \.path.cell)
            nodes[node].kind = .computed(byCell)
            connect(node, to: Set(byCell.keys))
            change(node, &pass) { $0.become(value) }
        default:
            guard let list = definitions[node].rule.list else { return }
            try follow(list, node, waiting, &pass)
        }
    }

    /// Runs a function that reads; again when it asked for a derived cell that was not yet up to date.
    func evaluateOnce<R>(
        _ pass: DerivedPass, _ body: (inout DerivedReader) throws(DerivedFailure) -> R
    ) -> (Result<R, DerivedFailure>, DerivedReader) {
        var reader = DerivedReader(
            state: pass.state, derived: values,
            readiness: DerivedReadiness(nodes: indices, heights: heights, floor: pass.floor, settled: pass.settled))
        do throws(DerivedFailure) {
            let result = try body(&reader)
            return (.success(result), reader)
        } catch { return (.failure(error), reader) }
    }

    mutating func evaluate<R>(
        _ node: Int, _ waiting: [Int], _ pass: inout DerivedPass,
        _ body: (inout DerivedReader) throws(DerivedFailure) -> R
    ) throws(DerivedError) -> (R, [Read]) {
        while true {
            let (result, reader) = evaluateOnce(pass, body)
            if let awaited = reader.awaited {
                try settle(awaited, waiting, &pass)
                continue
            }
            switch result {
            case .success(let value): return (value, reader.reads)
            case .failure(let failure): throw .failed(name: definitions[node].name, failure)
            }
        }
    }

    /// Changes a node's value and notes the changes.
    mutating func change<Failure: Error>(
        _ node: Int, _ pass: inout DerivedPass, _ body: (inout DerivedOutput) throws(Failure) -> Void
    ) throws(Failure) {
        var output = DerivedOutput(name: definitions[node].name, values: values)
        values = Object()
        defer { values = output.values }
        try body(&output)
        pass.changes += output.changes
    }

    /// Gives a node exactly these edges.
    mutating func connect(_ node: Int, to sources: Set<String>) {
        let old = nodes[node].sources
        if old == sources { return }
        for gone in old.subtracting(sources) {
            readers[gone]?.removeAll { $0 == node }
            if readers[gone]?.isEmpty == true { readers[gone] = nil }
        }
        for added in sources.subtracting(old) { readers[added, default: []].append(node) }
        nodes[node].sources = sources
    }

    /// Puts a node above all it needs, and what needs it above it.
    private mutating func lift(_ node: Int, depth: Int) throws(DerivedError) {
        var height = 0
        for source in nodes[node].sources {
            if let needed = indices[source] { height = max(height, heights[needed] + 1) }
        }
        guard height > heights[node] else { return }
        guard depth <= nodes.count else { throw .cycle([definitions[node].name]) }
        heights[node] = height
        for reader in readers[definitions[node].name] ?? [] { try lift(reader, depth: depth + 1) }
    }

    /// Traps unless the invariants hold. For tests.
    package func _checkInvariants() {
        for (cell, nodes) in readers {
            precondition(!nodes.isEmpty && Set(nodes).count == nodes.count, "edges of \(cell) are not kept well")
            for node in nodes { precondition(self.nodes[node].sources.contains(cell), "an edge that is not needed") }
        }
        for (index, node) in nodes.enumerated() {
            for source in node.sources {
                precondition(readers[source]?.contains(index) == true, "a needed edge is missing")
                if let needed = indices[source] {
                    precondition(heights[needed] < heights[index], "heights do not rise along an edge")
                }
            }
            if case .computed(let reads) = node.kind {
                precondition(Set(reads.keys) == node.sources, "edges differ from what was read")
            }
        }
    }
}
