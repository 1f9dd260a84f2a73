import HearthValues

/// What a proxy in Lua stands for. Node ids are places in the run's table and mean nothing after it.
struct Node {
    enum Kind {
        /// The table `cells` itself.
        case cells
        /// A `:many()` cell by name: `cells.card`.
        case many
        case stored
        case ephemeral
        case derived
        /// An element that was removed while a proxy of it was held.
        case gone
    }

    var kind: Kind
    /// Where it is, links followed.
    var path: Path
    /// What may stand there.
    var type: CellType
}

/// The proxies of a run. Reused from run to run.
struct NodeTable {
    private(set) var nodes: [Node] = []

    var count: Int { nodes.count }

    mutating func reset() {
        nodes.removeAll(keepingCapacity: true)
    }

    mutating func add(_ node: Node) -> UInt32 {
        nodes.append(node)
        return UInt32(nodes.count - 1)
    }

    /// - Throws: for numbers that were never given out in this run.
    subscript(_ id: UInt32) -> Node {
        get throws(RunError) {
            guard id < nodes.count else { throw RunError("no such cell in this run") }
            return nodes[Int(id)]
        }
    }

    /// Moves the proxies of elements behind a change of a list, so that each keeps naming its element.
    /// - Parameter shift: 1 after an insertion at `index`; -1 after the removal of the element there.
    /// - Complexity: linear in the proxies of the run.
    mutating func shift(list: Path, from index: Int, by shift: Int) {
        let depth = list.steps.count
        for place in nodes.indices {
            guard nodes[place].path.steps.count > depth, case .index(let at) = nodes[place].path.steps[depth],
                at >= index, list.isPrefix(of: nodes[place].path)
            else { continue }
            if shift < 0, at == index {
                nodes[place].kind = .gone
            } else {
                nodes[place].path.steps[depth] = .index(at + shift)
            }
        }
    }
}
