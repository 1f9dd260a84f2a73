import HearthValues

/// Derived cells that follow a list.
extension DerivedGraph {
    /// Brings a node that follows `path` up to date.
    mutating func follow(
        _ path: Path, _ node: Int, _ waiting: [Int], _ pass: inout DerivedPass
    ) throws(DerivedError) {
        let list = list(at: path, pass.state)
        let edits = pass.changes.compactMap { $0.edit(of: path) }
        switch nodes[node].kind {
        case .computed: break
        case .length: change(node, &pass) { $0.set(.int(Int64(list.count))) }
        case .window(var window):
            change(node, &pass) { window.update(edits, list, &$0) }
            nodes[node].kind = .window(window)
        case .column(let column, let aggregate):
            let isNew = !values.contains(definitions[node].name) || edits.contains(.rebuilt)
            var work = ColumnWork(node: node, path: path, list: list, column: column, aggregate: aggregate)
            nodes[node].kind = .length
            if isNew {
                try rebuild(&work, waiting, &pass)
            } else {
                try update(&work, edits, waiting, &pass)
            }
            nodes[node].kind = .column(work.column, work.aggregate)
            connect(node, to: Set(work.column.foreign.keys).union([path.cell]))
        }
    }

    private func list(at path: Path, _ state: CellState) -> List {
        var value = indices[path.cell] == nil ? state.cells[path.cell] : values[path.cell]
        for step in path.steps { value = value?.child(at: step) }
        return value?.list ?? List()
    }

    private mutating func rebuild(
        _ work: inout ColumnWork, _ waiting: [Int], _ pass: inout DerivedPass
    ) throws(DerivedError) {
        let rule = definitions[work.node].rule
        guard let aggregate = rule.aggregate else { return }
        work.aggregate = aggregate
        work.column = ElementColumn()
        work.stale = [:]
        for index in work.list.indices {
            if let label = work.column.insert(at: index) { work.stale[label] = true }
        }
        try evaluateStale(&work, rule, waiting, &pass)
        var scratch = DerivedOutput(name: definitions[work.node].name, values: Object())
        scratch.set(work.aggregate.empty)
        try finish(&work, &scratch)
        if let value = scratch.value { change(work.node, &pass) { $0.become(value) } }
    }

    private mutating func update(
        _ work: inout ColumnWork, _ edits: [ListEdit], _ waiting: [Int], _ pass: inout DerivedPass
    ) throws(DerivedError) {
        let rule = definitions[work.node].rule
        var isRoomy = true
        do {
            try change(work.node, &pass) { (output: inout DerivedOutput) throws(DerivedFailure) in
                for edit in edits where isRoomy { isRoomy = try work.make(edit, &output) }
            }
        } catch { throw .failed(name: definitions[work.node].name, error) }
        guard isRoomy, work.column.count == work.list.count else {
            // So many elements went in at one place that no label was left there: rare enough to begin anew.
            return try rebuild(&work, waiting, &pass)
        }
        for change in pass.changes {
            for label in work.column.labels(concernedBy: change) where work.stale[label] == nil {
                work.stale[label] = false
            }
        }
        if work.stale.isEmpty && edits.isEmpty { return }
        try evaluateStale(&work, rule, waiting, &pass)
        do {
            try change(work.node, &pass) { (output: inout DerivedOutput) throws(DerivedFailure) in
                try work.apply(&output)
            }
        } catch { throw .failed(name: definitions[work.node].name, error) }
    }

    private func finish(_ work: inout ColumnWork, _ output: inout DerivedOutput) throws(DerivedError) {
        do { try work.apply(&output) } catch { throw .failed(name: definitions[work.node].name, error) }
    }

    /// Evaluates the rules for the stale elements.
    private mutating func evaluateStale(
        _ work: inout ColumnWork, _ rule: DerivedRule, _ waiting: [Int], _ pass: inout DerivedPass
    ) throws(DerivedError) {
        let rules = rule.elementRules
        for label in work.stale.keys.sorted() {
            let index = work.column.index(of: label)
            let element = work.list[index]
            var results: [Value] = []
            var foreign: [Read] = []
            for rule in rules {
                if let quick = rule.quick(element) {
                    results.append(quick)
                    continue
                }
                let place = work.path.appending(index)
                let (value, reads) = try evaluate(work.node, waiting, &pass) {
                    (reader: inout DerivedReader) throws(DerivedFailure) in
                    try rule.evaluate(&reader, place, element)
                }
                results.append(value)
                foreign += reads.filter { !place.isPrefix(of: $0.path) }
            }
            let result = results.count == 2 ? .list([results[0], results[1]]) : results.first ?? element
            work.results.append((label: label, old: work.column.results[index]))
            work.column.set(result, at: index, foreign: foreign)
        }
    }
}

extension ElementRule {
    /// The result when it needs no reader: a field of an object that is not reached through a link.
    func quick(_ element: Value) -> Value? {
        guard case .field(let name) = self else { return nil }
        switch element {
        case .object(let object):
            guard let value = object[name] else { return .null }
            if case .link = value { return nil }
            return value
        case .link: return nil
        default: return .null
        }
    }

    func evaluate(_ reader: inout DerivedReader, _ place: Path, _ element: Value) throws(DerivedFailure) -> Value {
        switch self {
        case .field(let name): reader.value(place.appending(name)) ?? .null
        case .function(let function): try function(&reader, place, element)
        }
    }
}

/// One update of a column.
struct ColumnWork {
    let node: Int
    let path: Path
    let list: List
    var column: ElementColumn
    var aggregate: any Aggregate
    /// The elements to evaluate; true for those that are new.
    var stale: [Int64: Bool] = [:]
    /// The elements evaluated, with what their rule gave before.
    var results: [(label: Int64, old: Value)] = []

    init(node: Int, path: Path, list: List, column: ElementColumn, aggregate: any Aggregate) {
        self.node = node
        self.path = path
        self.list = list
        self.column = column
        self.aggregate = aggregate
    }

    /// Replays what happened to the list.
    ///
    /// - Returns: false when there is no label left for an element.
    mutating func make(_ edit: ListEdit, _ output: inout DerivedOutput) throws(DerivedFailure) -> Bool {
        switch edit {
        case .rebuilt: return false
        case .pushed(_, let count):
            for _ in 0..<count {
                guard let label = column.insert(at: column.count) else { return false }
                stale[label] = true
            }
        case .inserted(let index):
            guard let label = column.insert(at: index) else { return false }
            stale[label] = true
        case .removed(let index):
            let (label, result) = column.remove(at: index)
            if stale.removeValue(forKey: label) != true { try aggregate.remove(label, result, &output) }
        case .touched(let index):
            let label = column.label(at: index)
            if stale[label] == nil { stale[label] = false }
        }
        return true
    }

    /// Brings the output up to date with the results.
    mutating func apply(_ output: inout DerivedOutput) throws(DerivedFailure) {
        for (label, old) in results {
            let index = column.index(of: label)
            let entry = ElementEntry(label: label, result: column.results[index], element: list[index])
            if stale[label] == true {
                try aggregate.insert(entry, &output)
            } else if old == entry.result {
                try aggregate.refresh(entry, &output)
            } else {
                try aggregate.remove(label, old, &output)
                try aggregate.insert(entry, &output)
            }
        }
        try aggregate.finish(ElementSource(column: column, list: list), &output)
        stale = [:]
        results = []
    }
}
