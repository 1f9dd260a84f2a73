package import HearthValues

/// The stored cells of a room: cell id -> value. Derived and ephemeral cells are not in it.
///
/// A copy is O(1) and is a snapshot: later changes of one do not show in the other. Two states are equal when their
/// cells are.
package struct CellState: Sendable {
    package private(set) var cells: Object
    private var links: LinkIndex

    /// A room without cells.
    package init() {
        cells = Object()
        links = LinkIndex()
    }

    /// - Complexity: O(size of the cells): counts the links.
    package init(cells: Object) {
        self.cells = cells
        links = LinkIndex(counting: cells)
    }

    /// Canonical JSON of the cells: the same cells give the same bytes.
    package var digest: [UInt8] { JSON.bytes(.object(cells)) }

    /// Cell -> how many links in the room name it or a place in it; cells without links are absent.
    package var linkCounts: Object { links.counts }

    /// How many links in the room name `cell` or a place in it.
    package func linkCount(of cell: String) -> Int { links.count(of: cell) }

    /// Cells that lost their last link, or were made without one, since this was last asked, and still are there
    /// without a link: in the order of their ids, each once.
    ///
    /// - Complexity: O(number of such cells), not of cells.
    package mutating func takeUnlinked() -> [String] {
        let candidates = links.takeUnlinked()
        if candidates.isEmpty { return [] }
        return Set(candidates).filter { links.count(of: $0) == 0 && cells.contains($0) }.sorted()
    }

    /// Makes one write.
    ///
    /// - Returns: what was changed, in order: the write itself and then links to list elements that it moved or
    ///   removed. Empty when there was nothing to change.
    /// - Throws: `CellError` when the write does not fit; the state is as it was.
    /// - Complexity: O(size of the values written and displaced, and log of the size of the room). Inserting into or
    ///   removing from a list whose elements are linked to walks the cells that hold such links.
    package mutating func apply(_ write: Write) throws(CellError) -> [Change] {
        var changes: [Change] = []
        try apply(write, appendingTo: &changes)
        return changes
    }

    /// The same with what was changed put behind other changes.
    package mutating func apply(_ write: Write, appendingTo changes: inout [Change]) throws(CellError) {
        if case .push(let path, let values) = write, path.steps.isEmpty, !values.isEmpty,
            let length = cells.append(values, toListOf: path.cell)
        {
            // What most writes are; it moves no element.
            for value in values { links.add(value, in: path.cell) }
            return changes.append(.pushed(path, at: length, values))
        }
        guard let performed = try cells.perform(write) else { return }
        account(for: performed)
        changes.append(performed.change)
        if !links.passThroughElements { return }
        let sources = links.sources(through: performed.change.path.cell)
        if !sources.isEmpty { changes += moveElementLinks(in: sources, after: performed) }
    }

    private mutating func account(for performed: Performed) {
        let cell = performed.change.path.cell
        switch performed.change {
        case .created(let path, let value):
            links.add(value, in: cell)
            if path.steps.isEmpty { links.noteCreated(cell) }
        case .replaced(_, let value), .inserted(_, _, let value): links.add(value, in: cell)
        case .pushed(_, _, let values): for value in values { links.add(value, in: cell) }
        case .removed, .removedElement: break
        }
        if let old = performed.old { links.remove(old, in: cell) }
    }

    private mutating func moveElementLinks(in sources: [String], after performed: Performed) -> [Change] {
        guard let move = ElementMove(performed) else { return [] }
        var changes: [Change] = []
        for source in sources {
            for (path, link) in move.rewrites(in: source, cells[source]) {
                guard let rewritten = try? cells.perform(.set(path, .link(link))) else { continue }
                account(for: rewritten)
                changes.append(rewritten.change)
            }
        }
        return changes
    }
}

extension CellState: Hashable {
    package static func == (left: CellState, right: CellState) -> Bool { left.cells == right.cells }

    package func hash(into hasher: inout Hasher) { hasher.combine(cells) }
}

extension CellState {
    /// The operations of RFC 6902 that make these changes; their first token is the cell's id.
    package func patchOperations(for changes: [Change]) -> [PatchOperation] { changes.patchOperations }

    /// Traps unless what is kept beside the cells agrees with them. For tests.
    ///
    /// - Complexity: O(size of the room).
    package func _checkInvariants() {
        cells._checkInvariants()
        let fresh = LinkIndex(counting: cells)
        precondition(fresh.counts == links.counts, "link counts differ from a recount")
        precondition(fresh.elementSources == links.elementSources, "element links differ from a recount")
    }
}
