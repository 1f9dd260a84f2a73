import HearthValues

/// The room's cells as the oracle keeps them: plain numbers, arrays and dictionaries, copied whole.
struct Plain: Equatable {
    struct Row: Equatable {
        /// Tells the elements of the list apart, whatever moves them.
        var identity: Int
        var v: Int
    }

    enum Target: Equatable {
        case row(Int)
        case cell(String)
    }

    var numbers: [String: Int] = [:]
    var rows: [Row] = []
    var link: Target?
    var map: [String: Int] = [:]
    var rowsMade = 0

    init() { for name in Program.plain + Program.merged + ["one", "two"] { numbers[name] = 0 } }

    /// What a reader sees: numbers of rows by place, and where the link leads.
    struct Shown: Equatable {
        var numbers: [String: Int] = [:]
        var rows: [Int] = []
        var link = "nowhere"
        var map: [String: Int] = [:]
        var derived: [String: Int] = [:]
        var recent: [Int] = []
    }

    var shown: Shown {
        var shown = Shown(numbers: numbers, rows: rows.map(\.v), map: map)
        switch link {
        case .cell(let name): shown.link = name
        case .row(let identity):
            if let place = rows.firstIndex(where: { $0.identity == identity }) { shown.link = "rows \(place)" }
        case nil: break
        }
        shown.derived["total"] = numbers["a", default: 0] + numbers["b", default: 0] + numbers["c", default: 0]
        shown.derived["count"] = rows.count
        shown.derived["rowsum"] = shown.rows.reduce(0, +)
        shown.recent = shown.rows.suffix(2)
        return shown
    }
}

/// Carries programs out one after another, as if nothing ever ran at the same time.
enum Oracle {
    /// - Parameter answer: what the participant answered to a question; nil: nothing.
    /// - Returns: what the handler returns; nil when it fails, and `state` is as it was.
    static func run(_ program: Program, on state: inout Plain, answer: (_ participant: Int, _ question: Int) -> Int?)
        -> Int?
    {
        var next = state
        var skip = false
        for step in program.steps {
            if skip {
                skip = false
                continue
            }
            switch step {
            case .add(let cell, let k), .increment(let cell, let k): next.numbers[cell, default: 0] += k
            case .copy(let to, let from): next.numbers[to] = next.numbers[from]
            case .set(let cell, let k): next.numbers[cell] = k
            case .ifAbove(let cell, let k): skip = !(next.numbers[cell, default: 0] > k)
            case .push(let k): next.insert(k, at: next.rows.count)
            case .pushLength: next.insert(next.rows.count, at: next.rows.count)
            case .insert(let i, let k): if i <= next.rows.count + 1 { next.insert(k, at: i - 1) }
            case .remove(let i): if i <= next.rows.count { next.rows.remove(at: i - 1) }
            case .addToRow(let i, let k): if i <= next.rows.count { next.rows[i - 1].v += k }
            case .linkRow(let i): if i <= next.rows.count { next.link = .row(next.rows[i - 1].identity) }
            case .linkCell(let cell): next.link = .cell(cell)
            case .addThroughLink(let k): next.addThroughLink(k)
            case .setKey(let key, let k): next.map[key] = k
            case .removeKey(let key): next.map[key] = nil
            case .countKeys: next.numbers["a"] = next.map.count
            case .pause: break
            case .ask(let participant, let cell):
                // As Lua reads them: the cell that is asked about comes after what the answer is added to.
                let before = next.numbers["a", default: 0]
                next.numbers["a"] = before + (answer(participant, next.numbers[cell, default: 0]) ?? 100)
            case .fail: return nil
            }
        }
        state = next
        return next.numbers["a"]
    }

    /// What two transactions made of a cell that both changed.
    static func merge(_ cell: String, base: Int, mine: Int, theirs: Int) -> Int {
        switch cell {
        case "latest": mine
        case "most": mine == base ? theirs : theirs == base ? mine : max(mine, theirs)
        default: mine + theirs - base
        }
    }
}

extension Plain {
    fileprivate mutating func insert(_ value: Int, at place: Int) {
        rowsMade += 1
        rows.insert(Row(identity: rowsMade, v: value), at: place)
    }

    fileprivate mutating func addThroughLink(_ k: Int) {
        switch link {
        case .cell(let name): numbers[name, default: 0] += k
        case .row(let identity):
            if let place = rows.firstIndex(where: { $0.identity == identity }) { rows[place].v += k }
        case nil: break
        }
    }
}

extension Plain.Shown {
    /// What a replica of the room shows.
    init(_ cells: Object) {
        for name in Program.plain + Program.merged { numbers[name] = cells[name].flatMap(Self.int) }
        for name in ["one", "two"] { numbers[name] = cells[name]?.object?["v"].flatMap(Self.int) }
        rows = Self.rows(cells["rows"])
        for (key, value) in cells["map"]?.object ?? Object() { map[key] = Self.int(value) }
        for name in ["total", "count", "rowsum"] { derived[name] = cells[name].flatMap(Self.int) }
        recent = Self.rows(cells["recent"])
        guard case .link(let target)? = cells["link"] else { return }
        let tokens = target.pointer.tokens
        switch (target.cell, tokens.first) {
        case ("rows", let place?): if place != "-" { link = "rows \(place)" }
        default: link = target.cell
        }
    }

    private static func int(_ value: Value) -> Int? {
        if case .int(let number) = value { Int(number) } else { nil }
    }

    private static func rows(_ value: Value?) -> [Int] {
        guard case .list(let list)? = value else { return [] }
        return list.map { $0.object?["v"].flatMap(int) ?? .min }
    }
}
