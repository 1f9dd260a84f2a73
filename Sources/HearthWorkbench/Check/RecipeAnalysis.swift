import HearthLuaSyntax
import HearthRecipes

/// Follows what handlers do with cells, `ctx` and data, from the functions of the declaration into those that they call.
///
/// Types are told from declarations only: what cannot be known stays unknown, and nothing is reported about it. What a
/// function is given is gathered in rounds until nothing new is found; only the last round reports.
final class RecipeAnalysis {
    struct Place {
        var key: FunctionKey
        var position: SyntaxPosition
        var file: Int { key.file }
    }

    let chunks: [LuaChunk?]
    let paths: [String]
    let recipe: Recipe?
    /// The functions of the declaration, by the names of their slots.
    private(set) var slots: [String: FunctionKey] = [:]

    // What is gathered. `parameters` and `roots` only grow; `locals` is made anew in each round.
    var parameters: [FunctionKey: [Meaning?]] = [:]
    var roots: [FunctionKey: Set<Root>] = [:]
    var locals: [[Int: Meaning]] = []
    var hasChanged = false
    var isReporting = false

    /// The function that is being followed.
    var current = FunctionKey(file: 0, id: 0)
    var isLoading: Bool { current.id == 0 }

    var usedCells: Set<String> = []
    /// `cells` went where it cannot be followed.
    var cellsEscape = false
    var derivedReads: [FunctionKey: Set<String>] = [:]
    var calls: [FunctionKey: Set<FunctionKey>] = [:]
    /// Fields that a handler without schema reads of its data.
    var dataReads: [FunctionKey: [String]] = [:]
    private(set) var findings: [(file: Int, note: RecipeCheck.Note)] = []

    // What races are told from; made anew in each round.
    /// By file and local: what it is made of, and the element of a map that it holds.
    var made: [[Int: Origins]] = []
    var elements: [[Int: String]] = []
    var writes: [FunctionKey: [CellWrite]] = [:]
    var timers: [FunctionKey: [TimerSet]] = [:]
    var deletions: [FunctionKey: [(cell: String, position: SyntaxPosition)]] = [:]
    /// Functions that wait.
    var waiting: Set<FunctionKey> = []
    /// Whether any timer is ever cancelled.
    var cancels = false

    private static let roundsMax = 8

    init(files: [LuaChunk?], paths: [String], _ examination: RecipeExamination) {
        chunks = files
        self.paths = paths
        recipe = examination.recipe
        for function in examination.functions { adopt(function) }
    }

    func run() {
        for round in 0..<Self.roundsMax {
            hasChanged = false
            isReporting = false
            follow()
            if !hasChanged || round == Self.roundsMax - 1 { break }
        }
        adoptByName()
        isReporting = true
        follow()
        reportCycles()
        reportMissingSchemas()
        reportRaces()
    }

    /// One round: every file as it loads, then every function that an event can come to.
    private func follow() {
        locals = chunks.map { _ in [:] }
        made = chunks.map { _ in [:] }
        elements = chunks.map { _ in [:] }
        (writes, timers, deletions) = ([:], [:], [:])
        for (place, chunk) in chunks.enumerated() {
            guard let chunk else { continue }
            current = FunctionKey(file: place, id: 0)
            block(chunk.main.block)
        }
        var done: Set<FunctionKey> = []
        while let next = roots.keys.filter({ !done.contains($0) }).min(by: { ($0.file, $0.id) < ($1.file, $1.id) }) {
            done.insert(next)
            guard let body = body(at: next) else { continue }
            current = next
            let given = parameters[next] ?? []
            for (place, local) in body.parameters.enumerated() {
                locals[next.file][local] = (given.indices.contains(place) ? given[place] : nil) ?? .unknown
            }
            block(body.block)
        }
    }

    func body(at key: FunctionKey) -> FunctionBody? {
        guard let chunk = chunks[key.file], chunk.functions.indices.contains(key.id) else { return nil }
        return chunk.functions[key.id]
    }

    func report(
        _ code: Finding.Code, at position: SyntaxPosition, _ message: String, _ suggestion: String? = nil
    ) {
        guard isReporting else { return }
        findings.append(
            (current.file, .init(code: code, position: position, message: message, suggestion: suggestion)))
    }

    // MARK: - The functions of the declaration

    func functionPlace(_ slot: String) -> Place? {
        slots[slot].flatMap { key in body(at: key).map { Place(key: key, position: $0.position) } }
    }

    func declaredPosition(of cell: String) -> SyntaxPosition? { nil }

    /// Finds the function on its line; of several there, the one that is given its name.
    private func adopt(_ function: RecipeExamination.Function) {
        guard let file = paths.firstIndex(of: function.file), let chunk = chunks[file] else { return }
        let candidates = chunk.functions.filter { $0.id != 0 && $0.position.line == function.line }
        guard let first = candidates.first else { return }
        let key = FunctionKey(
            file: file, id: candidates.count == 1 ? first.id : named(function.name, candidates, chunk))
        slots[function.name] = key
        roots[key, default: []].insert(Root(slot: function.name))
        for (place, meaning) in meanings(of: function.name).enumerated() { give(meaning, to: key, place) }
    }

    private func named(_ slot: String, _ candidates: [FunctionBody], _ chunk: LuaChunk) -> Int {
        let word = String(
            slot[(slot.lastIndex { $0 == "." || $0 == ":" }.map { slot.index(after: $0) } ?? slot.startIndex)...])
        var found = candidates[0].id
        chunk.main.block.walkExpressions { expression in
            guard case .table(let fields) = expression.kind else { return }
            for case .named(let name, _, let value) in fields {
                guard case .function(let body) = value.kind, candidates.contains(where: { $0.id == body.id }) else {
                    continue
                }
                if name == word { found = body.id }
            }
        }
        return found
    }

    private func meanings(of slot: String) -> [Meaning] {
        let parts = slot.split(separator: ".").map(String.init)
        let name = parts.count > 1 ? parts[1] : ""
        let data = recipe?.handlers[name]?.data.map { Meaning.plain("data", $0) } ?? .unknown
        switch Root(slot: slot) {
        case .handler where slot.hasPrefix("messages."): return [.cells, .unknown, .context]
        case .handler: return [.cells, data, .context]
        case .allow: return [.participant, .cells, data]
        case .lifecycle: return [.cells, slot == "on.migrate" ? .number : .unknown, .context]
        case .watch: return [.cells, .unknown, .context]
        case .derived:
            let isComputed = recipe?.derived.contains { declaration in
                if case .computed = declaration.source { declaration.name == name } else { false }
            }
            return isComputed == true ? [.cells] : [.unknown]
        case .merge: return [.unknown, .unknown, .unknown]
        }
    }

    /// Functions that are stored somewhere and called from there, by what they call their parameters.
    private func adoptByName() {
        for (file, chunk) in chunks.enumerated() {
            guard let chunk else { continue }
            for body in chunk.functions where body.id != 0 {
                let key = FunctionKey(file: file, id: body.id)
                let names = body.parameters.map { chunk.locals[$0].name }
                guard roots[key] == nil, names.contains("cells") || names.contains("ctx") else { continue }
                roots[key] = []
                for (place, name) in names.enumerated() where name == "cells" || name == "ctx" {
                    give(name == "cells" ? .cells : .context, to: key, place)
                }
            }
        }
    }

    /// A parameter that is given two different things is unknown.
    func give(_ meaning: Meaning, to key: FunctionKey, _ place: Int) {
        var list = parameters[key] ?? []
        while list.count <= place { list.append(nil) }
        if let present = list[place] {
            if present.key == meaning.key { return }
            if case .unknown = present { return }
            list[place] = .unknown
        } else {
            list[place] = meaning
        }
        parameters[key] = list
        hasChanged = true
    }

    /// `key` runs for the same reasons as the function that is being followed.
    func reach(_ key: FunctionKey) {
        let reasons = roots[current] ?? []
        let present = roots[key]
        if present == nil || !reasons.isSubset(of: present ?? []) {
            roots[key, default: []].formUnion(reasons)
            hasChanged = true
        }
        calls[current, default: []].insert(key)
    }

    // MARK: - What shows at the end

    /// Derived functions that read each other in a ring.
    private func reportCycles() {
        var reads: [String: Set<String>] = [:]
        for derived in recipe?.derived ?? [] {
            switch derived.source {
            case .kept(let rule): reads[derived.name] = [rule.list]
            case .computed:
                reads[derived.name] = slots["derived.\(derived.name)"].map { gathered(from: $0) } ?? []
            }
        }
        let names = Set(reads.keys)
        var reported: Set<String> = []
        for start in names.sorted() where !reported.contains(start) {
            guard let ring = ring(from: start, reads), let key = slots["derived.\(start)"] else { continue }
            reported.formUnion(ring)
            current = key
            report(
                .derivedCycle, at: body(at: key)?.position ?? SyntaxPosition(line: 1, column: 1),
                "derived cells read each other in a ring: \((ring + [start]).joined(separator: " reads "))",
                "let one of them read cells only")
        }
    }

    private func gathered(from start: FunctionKey) -> Set<String> {
        var (waiting, seen, found) = ([start], Set([start]), Set<String>())
        while let next = waiting.popLast() {
            found.formUnion(derivedReads[next] ?? [])
            for callee in calls[next] ?? [] where seen.insert(callee).inserted { waiting.append(callee) }
        }
        return found
    }

    /// The shortest way from a derived cell to itself.
    private func ring(from start: String, _ reads: [String: Set<String>]) -> [String]? {
        var ways = [[start]]
        var seen: Set<String> = []
        while !ways.isEmpty {
            let way = ways.removeFirst()
            for next in (reads[way[way.count - 1]] ?? []).sorted() {
                if next == start { return way }
                if seen.insert(next).inserted, reads[next] != nil { ways.append(way + [next]) }
            }
        }
        return nil
    }

    private func reportMissingSchemas() {
        for (name, handler) in recipe?.handlers ?? [:] where handler.data == nil {
            guard let key = slots["handlers.\(name)"], let body = body(at: key), body.parameters.count > 1,
                let fields = dataReads[key], !fields.isEmpty
            else { continue }
            current = key
            let schema = fields.map { "\($0) = t.…" }.joined(separator: ", ")
            report(
                .noSchema, at: body.position,
                "handlers.\(name) reads what it is sent and has no schema: anything may come",
                "\(name) = { data = t.object { \(schema) }, run = function(cells, data, ctx) … end }")
        }
    }
}
