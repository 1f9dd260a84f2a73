import HearthValues

extension DeclarationReader {
    mutating func readLifecycle(_ noted: Noted) {
        let known = RecipeSurface.lifecycle.map(\.name)
        for (name, slot) in readFunctions(noted, section: "on", known: known) {
            switch name {
            case "create": draft.lifecycle.create = slot
            case "join": draft.lifecycle.join = slot
            case "leave": draft.lifecycle.leave = slot
            case "idle": draft.lifecycle.idle = slot
            default: draft.lifecycle.migrate = slot
            }
        }
    }

    mutating func readWatches(_ noted: Noted) {
        let section = place(assigning: "watch", after: root)
        for (name, slot) in readFunctions(noted, section: "watch", known: nil) {
            let place = place(assigning: name, after: section)
            if draft.derived.contains(where: { $0.name == name }) {
                report("watch.\(name): a derived cell cannot be watched: watch the cells that it is made of", at: place)
            } else if draft.cells[name] == nil {
                report("watch.\(name): no cell is called \(name)\(hint(name, draft.cells.keys))", at: place)
            } else if draft.cells[name]?.isEphemeral == true {
                report("watch.\(name): an ephemeral cell cannot be watched: it changes outside transactions", at: place)
            }
            draft.watches.append(WatchDeclaration(cell: name, run: slot))
        }
    }

    mutating func readMessages(_ noted: Noted) {
        for (name, slot) in readFunctions(noted, section: "messages", known: nil) { draft.messages[name] = slot }
    }

    /// A section that holds functions by name, in the order of their names.
    private mutating func readFunctions(
        _ noted: Noted, section: String, known: [String]?
    ) -> [(String, FunctionSlot)] {
        if noted.isAbsent { return [] }
        let outer = place(assigning: section, after: root)
        guard noted.typeKind == nil, let fields = noted.table else {
            report("\(section): \(noted.title), expected a table of functions", at: outer)
            return []
        }
        if let known { checkFields(fields, of: section, known: known, at: outer) }
        var found: [(String, FunctionSlot)] = []
        for name in fields.keys.sorted() where known?.contains(name) ?? true {
            guard case .function(let handle) = fields[name] ?? .absent else {
                report(
                    "\(section).\(name): \((fields[name] ?? .absent).title), expected a function",
                    at: place(assigning: name, after: outer))
                continue
            }
            found.append((name, slot(handle, named: "\(section).\(name)")))
        }
        return found
    }

    mutating func readEvery(_ noted: Noted) {
        if noted.isAbsent { return }
        let place = place(assigning: "every", after: root)
        guard let items = noted.list else {
            report("every: \(noted.title), expected a list: every = { {60, \"handler\"} }", at: place)
            return
        }
        for item in items {
            guard let pair = item.list, pair.count == 2, let seconds = pair[0].number, let name = pair[1].string else {
                report("every: \(item.title), expected {seconds, \"handler\"}", at: place)
                continue
            }
            if !(0.1...Self.secondsMax ~= seconds) {
                report("every: \(seconds.plain) seconds, at least 0.1 and at most a year", at: place)
            }
            if draft.handlers[name] == nil {
                report("every: no handler is called \(name)\(hint(name, draft.handlers.keys))", at: place)
            }
            draft.every.append(EveryDeclaration(seconds: seconds, handler: name))
        }
    }
}
