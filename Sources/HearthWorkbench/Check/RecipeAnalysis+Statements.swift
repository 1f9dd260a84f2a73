import HearthLuaSyntax
import HearthRecipes

extension RecipeAnalysis {
    func block(_ block: Block) {
        for item in block.statements { statement(item) }
    }

    private func statement(_ statement: Statement) {
        switch statement.kind {
        case .local(let names, let values):
            let meanings = values.map { meaning(of: $0) }
            for (place, local) in names.enumerated() {
                var given = meanings.indices.contains(place) ? meanings[place] : .unknown
                if isLoading, place < values.count, case .table = values[place].kind {
                    given = .loaded(declaration(of: local)?.name ?? "")
                }
                set(local, given)
                guard place < values.count else { continue }
                note(local, isMadeOf: values[place])
                if meanings.count > place { elements[current.file][local] = element(values[place]) }
            }
        case .localFunction(let local, let body):
            set(local, .function(FunctionKey(file: current.file, id: body.id)))
            enclose(body)
        case .function(let target, let body):
            enclose(body)
            if case .name(let name) = target.kind, case .local(let local) = name.binding {
                set(local, .function(FunctionKey(file: current.file, id: body.id)))
            } else {
                write(target)
            }
        case .assign(let targets, let values):
            let meanings = values.map { meaning(of: $0) }
            for (place, target) in targets.enumerated() {
                write(target)
                noteWrite(target, place < values.count ? values[place] : nil)
                if place < values.count {
                    check(values[place], fits: target)
                    noteAssigned(target, values[place])
                }
            }
            escape(meanings)
            noteReadThenSet(targets, values)
        case .genericFor(let names, let values, let inner):
            let meanings = iterated(values)
            for (place, local) in names.enumerated() {
                set(local, meanings.indices.contains(place) ? meanings[place] : .unknown)
                values.forEach { note(local, isMadeOf: $0) }
            }
            block(inner)
            return
        case .numericFor(let local, _, _, _, _):
            statement.expressions.forEach { _ = meaning(of: $0) }
            set(local, .number)
        case .return(let values): escape(values.map { meaning(of: $0) })
        default: statement.expressions.forEach { _ = meaning(of: $0) }
        }
        statement.blocks.forEach(block)
    }

    func declaration(of local: Int) -> LocalDeclaration? {
        guard let chunk = chunks[current.file], chunk.locals.indices.contains(local) else { return nil }
        return chunk.locals[local]
    }

    /// A local that is assigned again may be anything.
    private func set(_ local: Int, _ meaning: Meaning) {
        locals[current.file][local] = (declaration(of: local)?.assignments ?? 1) == 0 ? meaning : .unknown
    }

    /// A function that stands in one that runs in an event runs in it too.
    func enclose(_ body: FunctionBody) {
        if !isLoading { reach(FunctionKey(file: current.file, id: body.id)) }
    }

    // MARK: - Assignments

    /// Judges the place that is written to.
    private func write(_ target: Expression) {
        switch target.kind {
        case .name(let name):
            guard case .local(let local) = name.binding, name.isUpvalue, !isLoading,
                let declaration = declaration(of: local), outlives(declaration)
            else { return }
            report(
                .moduleState, at: name.position,
                "\(name.text) is kept in a variable: it is lost when the VM is, and differs between servers and re-runs",
                "keep it in a cell: cells = { \(name.text) = t.… }")
        case .index(let object, let key, _):
            let owner = meaning(of: object)
            if case .loaded(let name) = owner, !isLoading { return reportLoaded(name, at: target.start) }
            if case .cells = owner { return writeCell(key) }
            if case .derived = owner { return reportDerived(at: target.start) }
            let written = member(of: owner, key, isDotted: true)
            _ = meaning(of: key)
            noteTimeAsID(key, written)
            if roots[current]?.contains(.derived) == true, case .part(let path, _) = owner {
                reportPurity(path, at: target.start)
            }
        default: break
        }
    }

    /// Whether a local lives longer than an event: its function runs when the recipe loads.
    private func outlives(_ declaration: LocalDeclaration) -> Bool {
        roots[FunctionKey(file: current.file, id: declaration.function)] == nil
    }

    private func writeCell(_ key: Expression) {
        _ = member(of: .cells, key, isDotted: true)
        guard let name = key.text else { return }
        if recipe?.derivedNames.contains(name) == true { reportDerived(at: key.position) }
        if roots[current]?.contains(.derived) == true { reportPurity("cells.\(name)", at: key.position) }
        if recipe?.cells[name]?.scope == .many {
            report(
                .wrongType, at: key.position, "\(name) is a family of cells and cannot be assigned",
                "make one with cells.\(name):new { … }")
        }
    }

    func reportLoaded(_ name: String, at position: SyntaxPosition) {
        report(
            .moduleState, at: position,
            "\(name) is a table of the module: it is read-only once the recipe is loaded",
            "keep in a cell what events change")
    }

    func reportDerived(at position: SyntaxPosition) {
        report(
            .derivedWrite, at: position, "a derived cell cannot be written: it follows from other cells",
            "write the cells that it is made of")
    }

    func reportPurity(_ path: String, at position: SyntaxPosition) {
        report(
            .derivedWrite, at: position, "a derived function writes \(path): it may only read",
            "write it in a handler, or in a watch function")
    }

    private func noteAssigned(_ target: Expression, _ value: Expression) {
        if case .name(let name) = target.kind, case .local(let local) = name.binding {
            note(local, isMadeOf: value)
        } else {
            noteFilled(target, with: value)
        }
    }

    // MARK: - What values are given

    /// `cells.count = cells.count + 1` reads what it writes, and so conflicts; `:increment` does not.
    private func noteReadThenSet(_ targets: [Expression], _ values: [Expression]) {
        guard targets.count == 1, values.count == 1, case .index(_, let key, _) = targets[0].kind,
            case .part(_, let type) = quietly({ meaning(of: targets[0]) })
        else { return }
        if case .binary(let operation, let left, _) = values[0].kind, operation == .add || operation == .subtract,
            left.spelling == targets[0].spelling, left.spelling != nil
        {
            switch type.required {
            case .integer, .number:
                let path = targets[0].spelling ?? ""
                report(
                    .readThenSet, at: targets[0].start,
                    "\(path) is read and set: two events at once conflict, and one of them runs again",
                    "\(path):increment(\(operation == .add ? "" : "-")…) never conflicts")
            default: break
            }
        }
        if case .index(let list, _, _) = targets[0].kind, case .binary(.add, let left, _) = key.kind,
            case .unary(.length, let counted) = left.kind, counted.spelling == list.spelling, list.spelling != nil
        {
            report(
                .readThenSet, at: targets[0].start, "the length is read to add an item: two events at once conflict",
                "\(list.spelling ?? ""):push(…) never conflicts")
        }
    }

    /// Evaluates without reporting.
    func quietly<Result>(_ body: () -> Result) -> Result {
        let before = isReporting
        isReporting = false
        defer { isReporting = before }
        return body()
    }

    /// What is kept under an id that is made from the time is overwritten by who comes in the same millisecond.
    func noteTimeAsID(_ key: Expression, _ owner: Meaning) {
        guard case .part = owner, key.text == nil, isMadeFromTime(key) else { return }
        report(
            .timeAsID, at: key.position, "a key is made from the time: two events in one millisecond get the same",
            "use ctx.id(): it is unique, and the same on a re-run")
    }

    /// What the loop variables of `ipairs(list)` and `pairs(object)` are.
    private func iterated(_ values: [Expression]) -> [Meaning] {
        guard case .call(let function, let arguments)? = values.first?.kind, let word = function.globalName,
            word == "ipairs" || word == "pairs", let first = arguments.first
        else {
            escape(values.map { meaning(of: $0) })
            return []
        }
        switch meaning(of: first) {
        case .cells:
            cellsEscape = true
            return [.text, .unknown]
        case .part(let path, let type):
            switch type.required {
            case .list(let rule): return [.number, followed(path + "[…]", rule.element)]
            case .map(let rule): return [.text, followed(path + "[…]", rule.element)]
            default: return []
            }
        case .plain(let path, let type):
            switch type.required {
            case .list(let rule): return [.number, .plain(path + "[…]", rule.element)]
            case .map(let rule): return [.text, .plain(path + "[…]", rule.element)]
            default: return []
            }
        default: return []
        }
    }
}

extension Expression {
    /// `a.b.c` as it is written; nil for what is more than names and fields.
    var spelling: String? {
        switch kind {
        case .name(let name): name.text
        case .index(let object, let key, _):
            if let object = object.spelling, let key = key.text { "\(object).\(key)" } else { nil }
        default: nil
        }
    }

    var globalName: String? {
        if case .name(let name) = kind, name.binding == .global { name.text } else { nil }
    }
}
