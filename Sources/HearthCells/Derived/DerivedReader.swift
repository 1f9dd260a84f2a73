package import HearthValues

/// What the function of a derived cell reads through: it sees stored and other derived cells, and remembers.
package struct DerivedReader: CellReader {
    let state: CellState
    let derived: Object
    let readiness: DerivedReadiness
    private(set) var reads: [Read] = []
    private(set) var awaited: Int?

    init(state: CellState, derived: Object, readiness: DerivedReadiness) {
        self.state = state
        self.derived = derived
        self.readiness = readiness
    }

    /// True when another derived cell must be brought up to date first. Whatever the function does from here on is
    /// dropped and it runs again; it does best to return at once.
    package var isAbandoned: Bool { awaited != nil }

    package mutating func resolve(_ path: Path, _ aspect: ReadAspect?, line: Int32 = 0) -> Resolution {
        var missing = awaited
        let resolution = path.resolved { [state, derived, readiness] cell in
            guard let node = readiness.nodes[cell] else { return state.cells[cell] }
            if missing == nil, !readiness.isReady(node) { missing = node }
            return derived[cell]
        }
        awaited = missing
        for hop in resolution.hops { reads.append(Read(hop, .value)) }
        if let aspect { reads.append(Read(resolution.path, aspect)) }
        return resolution
    }

    /// The value at a path, through links.
    package mutating func value(_ path: Path) -> Value? { resolve(path, .value).value }

    /// The length of the list or object at a path, through links.
    package mutating func length(_ path: Path) -> Int? {
        switch resolve(path, .length).value {
        case .list(let list)?: list.count
        case .object(let object)?: object.count
        default: nil
        }
    }
}

/// Which derived cells are up to date in the present update.
struct DerivedReadiness {
    let nodes: [String: Int]
    let heights: [Int]
    /// All nodes lower than this are up to date.
    let floor: Int
    let settled: Set<Int>

    func isReady(_ node: Int) -> Bool { heights[node] < floor || settled.contains(node) }
}
