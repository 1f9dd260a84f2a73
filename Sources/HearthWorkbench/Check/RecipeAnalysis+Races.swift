import HearthLuaSyntax
import HearthRecipes
import HearthTransactions

/// What an expression was made of, as far as that can lose what others do in between.
struct Origins {
    /// Names of cells that were read for it.
    var cells: Set<String> = []
    /// Fields of the event's data in it.
    var fields: Set<String> = []
    /// Whether the time is in it, and nothing that makes it unique.
    var isTime = false
    /// The cell of which it is a plain copy.
    var snapshotOf: String?
}

/// A cell that a function writes to.
struct CellWrite {
    var cell: String
    var position: SyntaxPosition
    /// Whether the whole cell is set, and not a part of it.
    var isWhole: Bool
    var value: Origins
}

/// A timer that a function sets.
struct TimerSet {
    var handler: String
    var position: SyntaxPosition
    /// Cells that were read for each field of the timer's data; nil: it is given nothing.
    var fields: [String: Set<String>]?
}

/// Races that show in the text: what is read in one event, or before a wait, and written in or after another.
extension RecipeAnalysis {
    // MARK: - What is made of what

    func origins(of expression: Expression) -> Origins {
        var found = Origins()
        found.isTime = isMadeFromTime(expression)
        gather(expression, &found)
        if case .methodCall(let object, let method, _) = expression.bare.kind, method.name == "snapshot",
            case .part(let path, _) = quietly({ meaning(of: object) }), path.isWholeCell
        {
            found.snapshotOf = path.cellName
        }
        if case .name(let name) = expression.bare.kind, case .local(let local) = name.binding {
            found.snapshotOf = made[current.file][local]?.snapshotOf
        }
        return found
    }

    private func gather(_ expression: Expression, _ found: inout Origins) {
        switch expression.kind {
        case .name(let name):
            guard case .local(let local) = name.binding, let known = made[current.file][local] else { return }
            found.cells.formUnion(known.cells)
            found.fields.formUnion(known.fields)
        case .index(let object, let key, _):
            if case .cells = quietly({ meaning(of: object) }), let name = key.text {
                found.cells.insert(name)
            } else if isData(object), let field = key.text {
                found.fields.insert(field)
            }
            expression.children.forEach { gather($0, &found) }
        default: expression.children.forEach { gather($0, &found) }
        }
    }

    private func isData(_ expression: Expression) -> Bool {
        guard case .name(let name) = expression.kind, case .local(let local) = name.binding,
            let body = body(at: current), body.parameters.count > 1
        else { return false }
        return body.parameters[1] == local
    }

    func note(_ local: Int, isMadeOf expression: Expression) {
        let found = origins(of: expression)
        var known = made[current.file][local] ?? Origins()
        known.cells.formUnion(found.cells)
        known.fields.formUnion(found.fields)
        known.isTime = known.isTime || found.isTime
        known.snapshotOf = known.snapshotOf ?? found.snapshotOf
        made[current.file][local] = known
    }

    /// `list[#list + 1] = value`: the local is made of the value too.
    func noteFilled(_ target: Expression, with value: Expression) {
        guard case .index(let object, _, _) = target.kind, case .name(let name) = object.kind,
            case .local(let local) = name.binding, case .unknown = quietly({ meaning(of: object) })
        else { return }
        note(local, isMadeOf: value)
    }

    /// Whether the time is in an expression, to the second or finer, and nothing that makes it unique.
    func isMadeFromTime(_ expression: Expression) -> Bool {
        let isLocalTime = expression.contains { inner in
            guard case .name(let name) = inner.kind, case .local(let local) = name.binding else { return false }
            return made[current.file][local]?.isTime == true
        }
        return (isLocalTime || expression.hasTime) && !expression.isCoarse && !expression.isUnique
    }

    // MARK: - What is written

    func noteWrite(_ target: Expression, _ value: Expression?) {
        guard let place = quietly({ writtenPlace(target) }) else { return }
        let value = value.map { origins(of: $0) } ?? Origins()
        writes[current, default: []].append(
            CellWrite(cell: place.cell, position: target.start, isWhole: place.isWhole, value: value))
        noteListSetAnew(place, value, at: target.start)
    }

    /// Something in a cell changes, whatever was there.
    func noteWrite(_ target: Expression, part path: String) {
        writes[current, default: []].append(
            CellWrite(cell: path.cellName, position: target.start, isWhole: false, value: Origins()))
    }

    private func writtenPlace(_ target: Expression) -> (cell: String, isWhole: Bool)? {
        if case .index(let object, let key, _) = target.kind, case .cells = meaning(of: object), let name = key.text {
            return (name, true)
        }
        switch meaning(of: target) {
        case .part(let path, _): return (path.cellName, path.isWholeCell)
        default: break
        }
        guard case .index(let object, _, _) = target.kind, case .part(let path, _) = meaning(of: object) else {
            return nil
        }
        return (path.cellName, false)
    }

    /// `local all = cells.items:snapshot() … cells.items = all`
    private func noteListSetAnew(_ place: (cell: String, isWhole: Bool), _ value: Origins, at position: SyntaxPosition)
    {
        guard place.isWhole, value.snapshotOf == place.cell, let type = recipe?.cells[place.cell]?.type,
            case .list = type.required
        else { return }
        report(
            .readThenSet, at: position,
            "cells.\(place.cell) is copied, changed and set as a whole: two events at once conflict, and links in it become"
                + " copies",
            "change what is meant: cells.\(place.cell):push(…), :insert(i, …), :remove(i) or :remove_where(…)")
    }

    /// A cell has no method that sorts: a copy must be set.
    func noteSorted(_ expression: Expression) {
        guard case .name(let name) = expression.bare.kind, case .local(let local) = name.binding else { return }
        made[current.file][local]?.snapshotOf = nil
    }

    func noteTimer(_ arguments: [Expression], at position: SyntaxPosition) {
        guard arguments.count > 1, let handler = arguments[1].text else { return }
        var timer = TimerSet(handler: handler, position: position, fields: nil)
        if arguments.count > 2 {
            timer.fields = [:]
            if case .table(let fields) = arguments[2].bare.kind {
                for case .named(let name, _, let value) in fields { timer.fields?[name] = origins(of: value).cells }
            }
        }
        timers[current, default: []].append(timer)
    }

    /// A cell is deleted as a whole. Who links to it then reads nothing.
    func noteDeleted(_ path: String, at position: SyntaxPosition) {
        guard path.isWholeCell, recipe?.cells[path.cellName] != nil else { return }
        deletions[current, default: []].append((path.cellName, position))
    }

    // MARK: - What shows at the end

    func reportRaces() {
        for (slot, start) in slots.sorted(by: { $0.key < $1.key }) where Root(slot: slot) != .merge {
            let reached = reachable(from: start)
            if reached.contains(where: { waiting.contains($0) }) { reportLostUpdates(reached) }
            reportTimers(of: slot, reached)
            reportLostLinks(reached)
            if slot == "on.leave" || slot == "on.idle" { reached.forEach { reportUnguarded(in: $0, slot) } }
        }
    }

    private func reachable(from start: FunctionKey) -> [FunctionKey] {
        var found = [start]
        var next = 0
        while next < found.count {
            for callee in (calls[found[next]] ?? []).sorted(by: { ($0.file, $0.id) < ($1.file, $1.id) })
            where !found.contains(callee) { found.append(callee) }
            next += 1
        }
        return found
    }

    /// What waited goes on with what it read before; `last-write` lets it stand.
    private func reportLostUpdates(_ reached: [FunctionKey]) {
        for key in reached {
            current = key
            for write in writes[key] ?? []
            where write.value.cells.contains(write.cell) && recipe?.cells[write.cell]?.merge == .lastWrite {
                report(
                    .mergePolicy, at: write.position,
                    "cells.\(write.cell) is set to what is made of what was read before the wait, and :merge \"last-write\" lets it"
                        + " stand: what others did meanwhile is lost",
                    "change it without reading it (:increment, :push), or take the :merge away: then this runs again")
            }
        }
    }

    private func reportTimers(of slot: String, _ reached: [FunctionKey]) {
        for key in reached {
            for timer in timers[key] ?? [] {
                guard let target = slots["handlers.\(timer.handler)"] else { continue }
                current = key
                reportStaleValue(timer, target)
                if "handlers.\(timer.handler)" != slot { reportStaleTimer(timer, target, reached) }
            }
        }
    }

    /// The timer carries what was read when it was set, and its handler puts that back.
    private func reportStaleValue(_ timer: TimerSet, _ target: FunctionKey) {
        for write in writes[target] ?? [] where write.isWhole {
            guard
                let field = write.value.fields.sorted().first(where: { timer.fields?[$0]?.contains(write.cell) == true }
                )
            else { continue }
            report(
                .staleValue, at: timer.position,
                "\(timer.handler) will set cells.\(write.cell) to data.\(field), which is made of cells.\(write.cell) as it is now:"
                    + " what others do until then is lost",
                "give the timer what is to be done (an id, an amount), and let \(timer.handler) do it to what is there then"
            )
        }
    }

    /// The timer cannot be told from one that was set before, and undoes what was done since.
    private func reportStaleTimer(_ timer: TimerSet, _ target: FunctionKey, _ reached: [FunctionKey]) {
        guard timer.fields == nil, !cancels, let body = body(at: target), !body.hasCondition else { return }
        let own = Set(reached.flatMap { writes[$0] ?? [] }.filter(\.isWhole).map(\.cell))
        guard let shared = (writes[target] ?? []).first(where: { $0.isWhole && own.contains($0.cell) }) else { return }
        report(
            .staleTimer, at: timer.position,
            "\(timer.handler) sets cells.\(shared.cell), whatever has happened since: a timer of an earlier time ends what began"
                + " later",
            "give it what it belongs to, ctx.after(ms, \"\(timer.handler)\", { round = … }), and compare; or keep its id and"
                + " ctx.cancel it")
    }

    private func reportLostLinks(_ reached: [FunctionKey]) {
        let written = Set(reached.flatMap { writes[$0] ?? [] }.map(\.cell))
        for key in reached {
            current = key
            for (cell, position) in deletions[key] ?? [] {
                let holders = (recipe?.cells.values.filter { $0.type.links(to: cell) && $0.name != cell } ?? [])
                    .map(\.name).filter { !written.contains($0) }.sorted()
                guard let first = holders.first else { continue }
                report(
                    .lostLink, at: position,
                    "what is deleted here may be linked to from \(holders.map { "cells.\($0)" }.joined(separator: ", ")), where it"
                        + " then reads as nil",
                    recipe?.cells[cell]?.scope == .many
                        ? "take the links out instead: a cell of :many() goes by itself when nothing links to it"
                        : "take the links out too, or declare them t.optional(t.link \"\(cell)\") and look for nil; here cells.\(first)"
                )
            }
        }
    }
}

extension CellType {
    /// Whether a value of this type may hold a link to a cell, which is expected to lead somewhere.
    fileprivate func links(to cell: String) -> Bool {
        switch self {
        case .link(let target): target == cell
        case .list(let rule): rule.element.links(to: cell)
        case .map(let rule): rule.element.links(to: cell)
        case .object(let object): object.fields.contains { $0.type.links(to: cell) }
        default: false
        }
    }
}

extension String {
    /// "cells.messages" and "cells.card[…]", which is a cell of a family.
    fileprivate var isWholeCell: Bool {
        let rest = dropFirst("cells.".count)
        return hasPrefix("cells.") && !rest.contains(".") && (!rest.contains("[") || rest.hasSuffix("[…]"))
    }

    fileprivate var cellName: String {
        String((hasPrefix("cells.") ? dropFirst("cells.".count) : self[...]).prefix { $0 != "." && $0 != "[" })
    }
}

extension FunctionBody {
    /// Whether it does anything only if something holds.
    fileprivate var hasCondition: Bool {
        var found = false
        block.walk { statement in
            if case .if = statement.kind { found = true }
            found = found || statement.expressions.contains { $0.contains(\.isCondition) }
        }
        return found
    }
}

extension Expression {
    fileprivate var isCondition: Bool {
        guard case .binary(let operation, _, _) = kind else { return false }
        return [.and, .or, .equal, .unequal, .less, .lessOrEqual, .greater, .greaterOrEqual].contains(operation)
    }

    fileprivate var hasTime: Bool { contains { ["ctx.now", "os.time"].contains($0.spelling ?? "") } }

    fileprivate var isUnique: Bool {
        contains { ["ctx.id", "ctx.who.session", "ctx.who.id"].contains($0.spelling ?? "") }
    }

    /// A day or an hour is meant to be the same for all that falls into it.
    fileprivate var isCoarse: Bool {
        contains { inner in
            switch inner.kind {
            case .binary(let operation, _, let right) where operation == .floorDivide || operation == .divide:
                if case .number(let number) = right.bare.kind { (Double(number) ?? 0) >= 60_000 } else { false }
            case .call(let function, let arguments) where function.spelling == "os.date":
                arguments.first?.text.map { !$0.contains { "ScXTrs+".contains($0) } } ?? false
            default: false
            }
        }
    }
}
