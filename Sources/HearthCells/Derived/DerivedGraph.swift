package import HearthValues

/// The derived cells of a room, with what must be known to bring them up to date.
///
/// After each update: an edge leads from a cell to a derived cell exactly when the latter needs the former; nothing is
/// stale; heights rise along edges. Within an update a node is queued exactly when it is stale, and is brought up to
/// date at most once, after all that it needs.
///
/// A copy costs little and is a snapshot: rolling back is keeping the old copy.
package struct DerivedGraph {
    /// The derived cells: name -> value.
    package var values = Object()
    /// What the last update changed in derived cells.
    package internal(set) var lastChanges: [Change] = []
    let plan: DerivedPlan
    var nodes: [DerivedNode]
    /// 0, or one more than the highest derived cell that is needed.
    var heights: [Int]
    /// Cell -> the nodes that need it.
    var readers: [String: [Int]] = [:]

    /// A graph without values: `rebuild` it on the cells.
    ///
    /// - Throws: `DerivedError.duplicate`.
    package init(_ definitions: [DerivedDefinition]) throws(DerivedError) {
        plan = try DerivedPlan(definitions)
        nodes = definitions.map { DerivedNode($0.rule) }
        heights = definitions.map { _ in 0 }
    }

    /// A graph of no derived cells.
    package init() {
        plan = DerivedPlan()
        nodes = []
        heights = []
    }

    var definitions: [DerivedDefinition] { plan.definitions }
    var indices: [String: Int] { plan.indices }

    package var names: [String] { definitions.map(\.name) }

    /// How often the derived cell was brought up to date, and how often that changed nothing.
    package func counters(of name: String) -> (recomputed: Int, skipped: Int)? {
        indices[name].map { (nodes[$0].recomputed, nodes[$0].skipped) }
    }

    /// Brings everything up to date from nothing.
    ///
    /// - Throws: `DerivedError`; the graph is as it was.
    package mutating func build(on state: CellState) throws(DerivedError) {
        var fresh = self
        fresh.values = Object()
        fresh.nodes = definitions.map { DerivedNode($0.rule) }
        fresh.heights = definitions.map { _ in 0 }
        fresh.readers = [:]
        for (index, node) in nodes.enumerated() {
            fresh.nodes[index].recomputed = node.recomputed
            fresh.nodes[index].skipped = node.skipped
        }
        var pass = DerivedPass(state: state, changes: [])
        pass.queued = Array(definitions.indices)
        try fresh.settleAll(&pass)
        fresh.lastChanges = pass.changes
        self = fresh
    }

    /// Brings everything up to date from nothing; on failure the graph is as it was.
    package mutating func rebuild(from state: CellState) -> DerivedError? {
        do {
            try build(on: state)
            return nil
        } catch { return error }
    }

    /// Brings up to date what `changes`, which led to `state`, concern.
    ///
    /// - Returns: the operations for the patch. `lastChanges` has the same as changes.
    /// - Throws: `DerivedError`; the graph is as it was.
    /// - Complexity: O(changes), O(number of derived cells) when any is concerned, and what the rules cost.
    package mutating func update(after changes: [Change], state: CellState) throws(DerivedError) -> [PatchOperation] {
        try refresh(after: changes, state: state)
        return lastChanges.patchOperations
    }

    /// The same for who does with `lastChanges`.
    package mutating func refresh(after changes: [Change], state: CellState) throws(DerivedError) {
        if let lists = plan.followed { return followTails(of: lists, after: changes, state) }
        var pass = DerivedPass(state: state, changes: changes)
        enqueue(changes[...], &pass)
        guard !pass.queued.isEmpty else {
            lastChanges = []
            return
        }
        // A copy held would make every change below copy nodes; only rules that run functions or follow links can fail.
        let before = plan.canFail ? self : nil
        do { try settleAll(&pass) } catch {
            if let before { self = before }
            throw error
        }
        lastChanges = Array(pass.changes[changes.count...])
    }
}

/// What one update goes through.
struct DerivedPass {
    let state: CellState
    /// The changes given, and then those made in derived cells.
    var changes: [Change]
    /// The stale nodes.
    var queued: [Int] = []
    /// All nodes lower than this are up to date.
    var floor = 0
    /// Further nodes that are up to date.
    var settled: Set<Int> = []

    init(state: CellState, changes: [Change]) {
        self.state = state
        self.changes = changes
    }

    mutating func dequeue(_ node: Int) -> Bool {
        guard let position = queued.firstIndex(of: node) else { return false }
        queued.remove(at: position)
        return true
    }
}
