import HearthLua
import HearthValues

/// What a proxy in Lua stands for. Node ids are places in the run's table and mean nothing after it. A class, so that
/// handing it on copies a reference.
final class Node {
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

    let kind: Kind
    /// Where it is, links followed.
    let path: Path
    /// What may stand there.
    let type: CellType
    /// What storing it stores. Root nodes are kept from run to run, so that what one participant says shares one text.
    private(set) lazy var link = path.link

    init(kind: Kind, path: Path, type: CellType) {
        self.kind = kind
        self.path = path
        self.type = type
    }
}

/// The proxies of a run. Reused from run to run. A class: a look-up in a structure counts a reference to each of its arrays.
final class NodeTable {
    /// The nodes of root cells by the catalog's places; nil where the run has no participant whose cell it would be.
    var roots: [Node?] = []
    private(set) var nodes: [Node] = []

    var count: Int { nodes.count }

    func reset() {
        if !nodes.isEmpty { nodes.removeAll(keepingCapacity: true) }
    }

    func add(_ node: Node) -> UInt32 {
        nodes.append(node)
        return UInt32(nodes.count - 1)
    }

    /// - Throws: for numbers that were never given out in this run.
    subscript(_ id: UInt32) -> Node {
        get throws(RunError) {
            if id < nodes.count { return nodes[Int(id)] }
            guard id >= LuaNode.lasting, id - LuaNode.lasting < roots.count, let root = roots[Int(id - LuaNode.lasting)]
            else { throw RunError("no such cell in this run") }
            return root
        }
    }

    /// Moves the proxies of elements behind a change of a list, so that each keeps naming its element.
    /// - Parameter shift: 1 after an insertion at `index`; -1 after the removal of the element there.
    /// - Complexity: linear in the proxies of the run.
    func shift(list: Path, from index: Int, by shift: Int) {
        let depth = list.steps.count
        for place in nodes.indices {
            let node = nodes[place]
            guard node.path.steps.count > depth, case .index(let at) = node.path.steps[depth], at >= index,
                list.isPrefix(of: node.path)
            else { continue }
            if shift < 0, at == index {
                nodes[place] = Node(kind: .gone, path: node.path, type: node.type)
            } else {
                var path = node.path
                path.steps[depth] = .index(at + shift)
                nodes[place] = Node(kind: node.kind, path: path, type: node.type)
            }
        }
    }
}
