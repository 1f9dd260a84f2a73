import HearthValues

/// How many links name each cell, and which cells hold links to elements of whose lists. Derived from the cells.
struct LinkIndex: Sendable {
    /// Cell -> how many links name it or a place in it. Cells without links are absent.
    private(set) var counts = Object()
    /// Cell -> cells with links that pass through one of its lists -> how many.
    private(set) var elementSources = Object()
    /// Cells whose count fell to nothing, or that were made without a link, since they were last taken.
    private(set) var unlinked: [String] = []

    init() {}

    init(counting cells: Object) {
        for (cell, value) in cells { add(value, in: cell) }
        unlinked = []
    }

    func count(of cell: String) -> Int { Int(counts[cell]?.int ?? 0) }

    /// Whether some link names an element of a list, or a place in one.
    var passThroughElements: Bool { !elementSources.isEmpty }

    /// The cells with links through lists of `cell`, in order.
    func sources(through cell: String) -> [String] {
        guard case .object(let sources)? = elementSources[cell] else { return [] }
        return Array(sources.keys)
    }

    mutating func add(_ value: Value, in source: String) { update(value, source, by: 1) }

    mutating func remove(_ value: Value, in source: String) { update(value, source, by: -1) }

    /// A new cell nobody links to may be collected.
    mutating func noteCreated(_ cell: String) {
        if count(of: cell) == 0 { unlinked.append(cell) }
    }

    mutating func takeUnlinked() -> [String] {
        if unlinked.isEmpty { return [] }
        defer { unlinked = [] }
        return unlinked
    }

    private mutating func update(_ value: Value, _ source: String, by change: Int64) {
        value.forEachLink { update($0, source, by: change) }
    }

    private mutating func update(_ link: Link, _ source: String, by change: Int64) {
        if counts.add(change, toCountOfTargetOf: link) == 0 { unlinked.append(link.cell) }
        guard link.passesThroughElement else { return }
        elementSources.withValue(forKey: link.cell) { (slot: inout Value?) in
            var sources = slot.take()?.object ?? Object()
            sources.add(change, toCountOf: source)
            slot = sources.isEmpty ? nil : .object(sources)
        }
    }
}

extension Link {
    /// Whether the pointer may name an element of a list. (A key may be spelled like an index; that only costs time.)
    var passesThroughElement: Bool {
        hasPointer && pointer.tokens.contains { Pointer.index($0) != nil }
    }
}
