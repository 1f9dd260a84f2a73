package import HearthValues

/// Where a path leads when every link met on the way, and at the end, is followed.
package struct Resolution: Sendable, Hashable {
    package enum Outcome: Sendable, Hashable {
        case found(Value)
        /// Nothing is there: a link dangles, or a step leads nowhere.
        case missing
        /// The links lead in a circle without coming to a value.
        case cycle
    }

    package var outcome: Outcome
    /// The place found, or the place that would have to exist.
    package var path: Path
    /// Where the links that were followed stand, in the order they were met.
    package var hops: [Path]

    /// The value found; nil when missing or in a cycle.
    package var value: Value? { if case .found(let value) = outcome { value } else { nil } }

    /// Links followed for one path before it is taken for a circle.
    package static let hopsMax = 100
}

extension Path {
    /// Follows this path through cells given by `root`.
    ///
    /// - Complexity: O(steps log n), links included.
    package func resolved(in root: (String) -> Value?) -> Resolution {
        var path = self
        var hops: [Path] = []
        while true {
            guard var value = root(path.cell) else { return Resolution(outcome: .missing, path: path, hops: hops) }
            var taken = 0
            var link: Link?
            while true {
                if case .link(let met) = value {
                    link = met
                    break
                }
                if taken == path.steps.count {
                    return Resolution(outcome: .found(value), path: path, hops: hops)
                }
                guard let next = value.child(at: path.steps[taken]) else { break }
                value = next
                taken += 1
            }
            guard let link else { return Resolution(outcome: .missing, path: path, hops: hops) }
            if hops.count == Resolution.hopsMax { return Resolution(outcome: .cycle, path: path, hops: hops) }
            hops.append(Path(cell: path.cell, steps: Array(path.steps.prefix(taken))))
            path = Path(following: link, then: path.steps.dropFirst(taken), in: root)
        }
    }

    /// The place a link names. Whether a token is a key or an index is seen from what is there; further links on the
    /// way are not followed, and tokens behind them are taken as written.
    private init(following link: Link, then rest: ArraySlice<Step>, in root: (String) -> Value?) {
        let target = link.cell
        var value = root(target)
        var steps: [Step] = []
        for token in link.pointer.tokens {
            let step: Step
            switch value {
            case .list?: step = Pointer.index(token).map(Step.index) ?? .key(token)
            case .link?: step = Pointer.index(token).map(Step.index) ?? .key(token)
            default: step = .key(token)
            }
            steps.append(step)
            value = value?.child(at: step)
        }
        self.init(cell: target, steps: steps + rest)
    }
}

extension Value {
    /// What one step leads to; links are not followed.
    package func child(at step: Step) -> Value? {
        switch (self, step) {
        case (.object(let object), .key(let key)): object[key]
        case (.list(let list), .index(let index)): index >= 0 && index < list.count ? list[index] : nil
        default: nil
        }
    }
}

extension CellState {
    /// The value at a path; links are not followed.
    package func value(at path: Path) -> Value? {
        guard var value = cells[path.cell] else { return nil }
        for step in path.steps {
            guard let next = value.child(at: step) else { return nil }
            value = next
        }
        return value
    }

    /// The value at a path; nil when nothing is there, or a link stands on the way or at the end.
    package func value(atLinkless path: Path) -> Value? {
        guard var value = cells[path.cell] else { return nil }
        for step in path.steps {
            guard let next = value.child(at: step) else { return nil }
            value = next
        }
        if case .link = value { return nil }
        return value
    }

    /// Follows a path through every link on the way and at its end.
    ///
    /// - Parameter other: cells that are not stored here (derived, ephemeral), looked up first.
    package func resolve(_ path: Path, beside other: (String) -> Value? = { _ in nil }) -> Resolution {
        path.resolved { other($0) ?? cells[$0] }
    }
}
