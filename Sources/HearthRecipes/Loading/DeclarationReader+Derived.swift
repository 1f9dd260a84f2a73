import HearthValues

extension DeclarationReader {
    mutating func readDerived(_ noted: Noted) {
        if noted.isAbsent { return }
        let section = place(assigning: "derived", after: root)
        guard noted.typeKind == nil, noted.derivedKind == nil, let derived = noted.table else {
            report(
                "derived: \(noted.title), expected a table: derived = { count = t.count(\"messages\") }", at: section)
            return
        }
        let names = Set(derived.keys)
        for name in derived.keys.sorted() {
            let rule = derived[name] ?? .absent
            let place = place(of: rule, within: place(assigning: name, after: section))
            checkName(name, of: "derived cell", at: place)
            if draft.cells[name] != nil {
                report("derived.\(name): there is also a cell called \(name); choose another name", at: place)
            }
            if let read = readRule(rule, name: name, siblings: names, at: place) {
                draft.derived.append(DerivedDeclaration(name: name, source: read))
            }
        }
        reportCycles(section)
    }

    private mutating func readRule(
        _ noted: Noted, name: String, siblings: Set<String>, at place: Place
    ) -> DerivedSource? {
        let path = "derived.\(name)"
        if case .function(let handle) = noted { return .computed(slot(handle, named: path)) }
        guard let kind = noted.derivedKind else {
            report(
                "\(path): \(noted.title), expected a function(cells) or one of t.last, t.count, t.where, t.map_of, t.sum,"
                    + " t.group_by, t.sort_by", at: place)
            return nil
        }
        guard let list = noted["list"].string else {
            report("\(path): t.\(kind) takes the name of a list cell first: t.\(kind)(\"messages\", …)", at: place)
            return nil
        }
        checkSource(list, of: path, siblings: siblings, at: place)
        let operation = readOperation(noted, kind, "\(path): t.\(kind)", place)
        return operation.map { .kept(KeptRule(list: list, operation: $0)) }
    }

    private mutating func checkSource(_ list: String, of path: String, siblings: Set<String>, at place: Place) {
        if siblings.contains(list) { return }
        guard let cell = draft.cells[list] else {
            let known = Array(draft.cells.keys) + siblings
            report("\(path): no cell is called \(list)\(hint(list, known))", at: place)
            return
        }
        if cell.scope != .room || cell.isEphemeral {
            report("\(path): \(list) is not a stored cell of the room; a derived cell follows one of those", at: place)
        }
        switch cell.type.required {
        case .list, .any: break
        case .map:
            report(
                "\(path): \(list) is \(cell.type.title), and this follows lists; a function can follow it: "
                    + "function(cells) local n = 0 for _ in pairs(cells.\(list)) do n = n + 1 end return n end",
                at: place)
        default: report("\(path): \(list) is \(cell.type.title), expected a list", at: place)
        }
    }

    private mutating func readOperation(
        _ noted: Noted, _ kind: String, _ path: String, _ place: Place
    ) -> KeptRule.Operation? {
        let (first, second) = (noted["first"], noted["second"])
        switch kind {
        case "last":
            if let count = first.int, count >= 1 { return .last(Int(count)) }
            report("\(path) takes how many, from 1: t.last(\"messages\", 50)", at: place)
            return nil
        case "count": return first.isAbsent ? .count(nil) : readSelector(first, path, place).map { .count($0) }
        case "where": return readSelector(first, path, place).map { .where($0) }
        case "map_of":
            guard let key = readProjection(first, path, place) else { return nil }
            if second.isAbsent { return .map(key: key, value: nil) }
            return readProjection(second, path, place).map { .map(key: key, value: $0) }
        case "sum": return first.isAbsent ? .sum(nil) : readProjection(first, path, place).map { .sum($0) }
        case "group_by": return readProjection(first, path, place).map { .group(key: $0) }
        default:
            guard let key = readProjection(first, path, place) else { return nil }
            switch second {
            case .absent, .string("asc"): return .sort(key: key, isDescending: false)
            case .string("desc"): return .sort(key: key, isDescending: true)
            default:
                report("\(path): the order is \"desc\" or left out, not \(second.title)", at: place)
                return nil
            }
        }
    }

    private mutating func readSelector(_ noted: Noted, _ path: String, _ place: Place) -> Selector? {
        if case .function(let handle) = noted { return .function(slot(handle, named: path)) }
        if case .table(let fields) = noted {
            let values = fields.compactMapValues(\.value)
            if values.count == fields.count { return .fields(values) }
        }
        report("\(path) takes a function(element) or {field = value}, not \(noted.title)", at: place)
        return nil
    }

    private mutating func readProjection(_ noted: Noted, _ path: String, _ place: Place) -> Projection? {
        switch noted {
        case .string(let field): return .field(field)
        case .function(let handle): return .function(slot(handle, named: path))
        default:
            report("\(path) takes the name of a field or a function(element), not \(noted.title)", at: place)
            return nil
        }
    }

    /// Derived cells that follow each other in a ring. (Those of functions show only when they run.)
    private mutating func reportCycles(_ section: Place) {
        var sources: [String: String] = [:]
        for derived in draft.derived {
            if case .kept(let rule) = derived.source { sources[derived.name] = rule.list }
        }
        var reported: Set<String> = []
        for start in sources.keys.sorted() where !reported.contains(start) {
            var ring = [start]
            while let next = sources[ring[ring.count - 1]], ring.count <= sources.count {
                ring.append(next)
                if next == start { break }
            }
            guard ring.count > 1, ring.last == start else { continue }
            reported.formUnion(ring)
            report(
                "derived: a cycle: \(ring.joined(separator: " follows "))", at: place(assigning: start, after: section))
        }
    }
}
