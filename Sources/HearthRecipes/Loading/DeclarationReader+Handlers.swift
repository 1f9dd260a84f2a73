import HearthValues

extension DeclarationReader {
    mutating func readHandlers(_ noted: Noted) {
        if noted.isAbsent { return }
        let section = place(assigning: "handlers", after: root)
        guard noted.typeKind == nil, let handlers = noted.table else {
            report(
                "handlers: \(noted.title), expected a table: handlers = { send = function(cells, data, ctx) … end }",
                at: section)
            return
        }
        for name in handlers.keys.sorted() {
            let place = place(assigning: name, after: section)
            checkName(name, of: "handler", at: place)
            readHandler(handlers[name] ?? .absent, name: name, at: place)
        }
        checkLinks()
    }

    private mutating func readHandler(_ noted: Noted, name: String, at outer: Place) {
        let path = "handlers.\(name)"
        if case .function(let handle) = noted {
            draft.handlers[name] = HandlerDeclaration(
                name: name, data: nil, allow: .anyone, rate: nil, maxRuns: HandlerDeclaration.maxRunsDefault,
                onConflict: .retry, run: slot(handle, named: path))
            return
        }
        guard noted.typeKind == nil, case .table(let fields) = noted else {
            report(
                "\(path): \(noted.title), expected a function or a table with run = function(cells, data, ctx) … end",
                at: outer)
            return
        }
        checkFields(fields, of: path, known: RecipeSurface.handler.names, at: outer)
        guard case .function(let handle) = noted["run"] else {
            report("\(path): run is missing: run = function(cells, data, ctx) … end", at: outer)
            return
        }
        draft.handlers[name] = HandlerDeclaration(
            name: name,
            data: fields["data"].map { readType($0, path: "\(path).data", within: outer) },
            allow: readAllow(noted["allow"], path, outer),
            rate: readRate(noted["rate"], path, outer),
            maxRuns: readMaxRuns(noted["max_runs"], path, outer),
            onConflict: readOnConflict(noted["on_conflict"], path, outer),
            run: slot(handle, named: path))
    }

    private mutating func readAllow(_ noted: Noted, _ path: String, _ outer: Place) -> HandlerDeclaration.Allow {
        switch noted {
        case .absent: return .anyone
        case .string(let role) where !role.isEmpty: return .roles([role])
        case .function(let handle): return .function(slot(handle, named: "\(path).allow"))
        case .list(let items):
            let roles = items.compactMap(\.string)
            if roles.count == items.count { return .roles(roles) }
        default: break
        }
        report(
            "\(path).allow: \(noted.title), expected a role, a list of roles or a function(who, cells, data)",
            at: place(assigning: "allow", after: outer))
        return .roles([])
    }

    private mutating func readRate(_ noted: Noted, _ path: String, _ outer: Place) -> HandlerDeclaration.Rate? {
        if noted.isAbsent { return nil }
        if let items = noted.list, items.count == 2, let events = items[0].int, let seconds = items[1].number,
            events >= 1, seconds > 0, seconds <= Self.secondsMax
        {
            return HandlerDeclaration.Rate(events: Int(events), seconds: seconds)
        }
        report(
            "\(path).rate: expected {events, seconds}, at most a year: rate = {10, 60}",
            at: place(assigning: "rate", after: outer))
        return nil
    }

    private mutating func readMaxRuns(_ noted: Noted, _ path: String, _ outer: Place) -> Int {
        if noted.isAbsent { return HandlerDeclaration.maxRunsDefault }
        if let runs = noted.int, runs >= 1, runs <= 1000 { return Int(runs) }
        report(
            "\(path).max_runs: \(noted.shown), expected an integer from 1 to 1000",
            at: place(assigning: "max_runs", after: outer))
        return HandlerDeclaration.maxRunsDefault
    }

    private mutating func readOnConflict(
        _ noted: Noted, _ path: String, _ outer: Place
    ) -> HandlerDeclaration.OnConflict {
        switch noted {
        case .absent, .string("retry"): return .retry
        case .string("reject"): return .reject
        case .function(let handle): return .function(slot(handle, named: "\(path).on_conflict"))
        default:
            report(
                "\(path).on_conflict: \(noted.title), expected \"retry\", \"reject\" or a function(cells, data, ctx)",
                at: place(assigning: "on_conflict", after: outer))
            return .retry
        }
    }
}
