import HearthLua
import HearthLuaSyntax
import HearthRecipes

extension RecipeAnalysis {
    func call(_ function: Expression, _ arguments: [Expression], at position: SyntaxPosition) -> Meaning {
        if let module = module(function, arguments) { return .module(module) }
        if case .index(let object, let key, _) = function.kind, let name = key.text {
            if case .context = quietly({ meaning(of: object) }) { return contextCall(name, key, arguments) }
            noteLibraryCall(object, name, arguments, at: function.start)
            noteMethodWithPoint(object, name, at: key.position)
        }
        let callee = target(of: function)
        let given = arguments.map { meaning(of: $0) }
        if let callee {
            reach(callee)
            for (place, meaning) in given.enumerated() { give(meaning, to: callee, place) }
        } else {
            if !Self.isHarmless(function) { escape(given) }
            // `table.sort(list, function(a, b) … end)`: who calls it is unknown, what it is given too.
        }
        noteLoadTime(function, at: position)
        return (callee ?? called(whileLoading: function)).flatMap { returned(by: $0) }.map { .function($0) } ?? .unknown
    }

    private func called(whileLoading function: Expression) -> FunctionKey? {
        if isLoading, case .function(let key) = meaning(of: function) { key } else { nil }
    }

    /// The function that a function makes: `return function() … end`.
    private func returned(by key: FunctionKey) -> FunctionKey? {
        guard let last = body(at: key)?.block.statements.last, case .return(let values) = last.kind,
            case .function(let inner)? = values.first?.bare.kind
        else { return nil }
        return FunctionKey(file: key.file, id: inner.id)
    }

    /// The function that is called, if it can be told.
    private func target(of function: Expression) -> FunctionKey? {
        switch meaning(of: function) {
        case .function(let key): return isLoading ? nil : key
        default: break
        }
        guard !isLoading, case .index(let object, let key, _) = function.kind, let name = key.text else { return nil }
        switch quietly({ meaning(of: object) }) {
        case .module(let path): return paths.firstIndex(of: path).flatMap { exported(name, from: $0) }
        case .loaded: return exported(name, from: current.file)
        default: return nil
        }
    }

    /// `function M.name`, `M.name = function` or `{ name = function }` of a module's main chunk.
    private func exported(_ name: String, from file: Int) -> FunctionKey? {
        guard let chunk = chunks[file] else { return nil }
        for statement in chunk.main.block.statements {
            switch statement.kind {
            case .function(let target, let body):
                if case .index(_, let key, _) = target.kind, key.text == name { return .init(file: file, id: body.id) }
            case .assign(let targets, let values):
                for (target, value) in zip(targets, values) {
                    if case .index(_, let key, _) = target.kind, key.text == name, case .function(let body) = value.kind
                    {
                        return .init(file: file, id: body.id)
                    }
                }
            case .local(_, let values), .return(let values):
                for case .table(let fields) in values.map(\.kind) {
                    for case .named(name, _, let value) in fields {
                        if case .function(let body) = value.kind { return .init(file: file, id: body.id) }
                        if case .name(let local) = value.kind, case .local(let place) = local.binding,
                            case .function(let key)? = locals[file][place]
                        {
                            return key
                        }
                    }
                }
            default: break
            }
        }
        return nil
    }

    private func module(_ function: Expression, _ arguments: [Expression]) -> String? {
        guard function.globalName == "require", let name = arguments.first?.text, name != "hearth.types" else {
            return nil
        }
        let path = name.replacing(".", with: "/") + ".lua"
        return paths.contains(path) ? path : nil
    }

    private static func isHarmless(_ function: Expression) -> Bool {
        ["type", "tostring", "assert", "print", "rawequal"].contains(function.globalName ?? "")
    }

    /// What is drawn or read while the recipe loads is the same for all its rooms, and another in the next VM.
    private func noteLoadTime(_ function: Expression, at position: SyntaxPosition) {
        guard isLoading, let name = function.spelling, ["math.random", "os.time", "os.date"].contains(name) else {
            return
        }
        report(
            .loadTime, at: function.start, "\(name) is called when the recipe loads, not when something happens",
            "call it in a handler, or use ctx.now and ctx.random there")
    }

    private func noteLibraryCall(
        _ library: Expression, _ name: String, _ arguments: [Expression], at position: SyntaxPosition
    ) {
        guard library.globalName == "table", ["insert", "remove", "sort"].contains(name), let first = arguments.first
        else { return }
        if name == "sort" { noteSorted(first) }
        switch quietly({ meaning(of: first) }) {
        case .loaded(let table) where !isLoading: reportLoaded(table, at: position)
        case .part(let path, _):
            let method = ["insert": ":push(…) or :insert(i, …)", "remove": ":remove(i)"][name] ?? ":set { … }"
            report(
                .wrongType, at: position, "table.\(name) does not take a cell, and \(path) is one",
                "cells have methods for it: \(path)\(method)")
        default: break
        }
    }

    /// `cells.items.push(…)` is what other languages write.
    private func noteMethodWithPoint(_ object: Expression, _ name: String, at position: SyntaxPosition) {
        guard case .part(let path, let type) = quietly({ meaning(of: object) }), Self.methods(of: type).contains(name)
        else {
            return
        }
        switch type.required {
        case .any, .map: return
        case .object(let object) where object[name] != nil || object.isOpen: return
        default: break
        }
        report(
            .unknownMethod, at: position, "\(path).\(name) is called with a point",
            "methods of cells take a colon: \(path):\(name)(…)")
    }

    // MARK: - ctx

    private func contextCall(_ name: String, _ key: Expression, _ arguments: [Expression]) -> Meaning {
        _ = member(of: .context, key, isDotted: false)
        let given = arguments.map { meaning(of: $0) }
        escape(given)
        guard let function = HostSurface.functions.first(where: { $0.name == name && $0.receivers.contains(.context) })
        else { return .unknown }
        count(arguments, of: "ctx.\(name)", function, at: key.position)
        if name == "after" {
            noteTimer(arguments, at: key.position)
            if let first = arguments.first, case .string = first.bare.kind {
                report(
                    .wrongType, at: first.position, "ctx.after takes milliseconds first, and this is a string",
                    "ctx.after(ms, handler, data)")
            }
        }
        if name == "cancel" { cancels = true }
        if name == "sleep" || name == "ask" {
            waiting.insert(current)
            for root in roots[current] ?? [] {
                guard let place = root.cannotWait else { continue }
                report(
                    .wait, at: key.position, "ctx.\(name) waits, and \(place) cannot wait",
                    "set a timer with ctx.after and wait in its handler")
            }
        }
        if name == "after", arguments.count > 1, let handler = arguments[1].text, let recipe,
            recipe.handlers[handler] == nil
        {
            report(
                .unknownHandler, at: arguments[1].position, "no handler is called \(handler)",
                Self.hint(handler, Array(recipe.handlers.keys)))
        }
        return name == "participants" ? .unknown : .unknown
    }

    /// Reports arguments that are missing. More than there are, or `...` at the end, may be any number.
    private func count(
        _ arguments: [Expression], of title: String, _ function: HostFunction, at position: SyntaxPosition
    ) {
        switch arguments.last?.kind {
        case .vararg, .call, .methodCall: return
        default: break
        }
        let needed = function.arguments.filter { !$0.isOptional }
        if function.isVariadic || arguments.count >= needed.count { return }
        let missing = needed[arguments.count]
        report(
            .missingArgument, at: position, "\(title) lacks its argument \(missing.name): \(missing.summary)",
            "\(title)(\(function.arguments.map(\.name).joined(separator: ", ")))")
    }

    // MARK: - Methods

    func methodCall(_ object: Expression, _ method: Expression.Method, _ arguments: [Expression]) -> Meaning {
        let owner = meaning(of: object)
        callbacks(owner, method.name, arguments)
        let given = arguments.map { meaning(of: $0) }
        escape(given)
        noteWrite(object, by: method, arguments)
        switch owner {
        case .context:
            let known = HostSurface.functions.contains { $0.name == method.name && $0.receivers.contains(.context) }
            report(
                .unknownMethod, at: method.position, "ctx:\(method.name) is written with a colon",
                known ? "functions of ctx take a point: ctx.\(method.name)(…)" : nil)
            return .unknown
        case .cells:
            report(
                .unknownMethod, at: method.position, "cells has no methods; its cells have",
                "cells.NAME:\(method.name)(…), and cells.NAME = … sets one")
            return .unknown
        case .many(let name, let type): return manyCall(name, type, method, arguments)
        case .part(let path, let type): return partCall(path, type, method, arguments)
        case .derived:
            if Self.writing.contains(method.name) { reportDerived(at: method.position) }
            return .derived
        default: return .unknown
        }
    }

    /// `cells.x:set(v)` is `cells.x = v`; what else writes, writes to a part.
    private func noteWrite(_ object: Expression, by method: Expression.Method, _ arguments: [Expression]) {
        guard Self.writing.contains(method.name), case .part(let path, _) = quietly({ meaning(of: object) }) else {
            return
        }
        if method.name == "delete" { noteDeleted(path, at: method.position) }
        if method.name == "set" { return noteWrite(object, arguments.first) }
        noteWrite(object, part: path)
    }

    private static let writing: Set<String> = [
        "set", "update", "delete", "push", "insert", "remove", "remove_where", "increment", "new",
    ]

    private func manyCall(
        _ name: String, _ type: CellType, _ method: Expression.Method, _ arguments: [Expression]
    ) -> Meaning {
        let known = HostSurface.functions.filter { $0.receivers.contains(.many) }.map(\.name)
        guard known.contains(method.name) else {
            report(
                .unknownMethod, at: method.position,
                "cells.\(name) is a family of cells and has no method \(method.name)",
                Self.hint(method.name, known, prefix: ":"))
            return .unknown
        }
        if method.name == "new", let first = arguments.first { check(first, type, "cells.\(name)") }
        return .part("cells.\(name)[…]", type)
    }

    private func partCall(
        _ path: String, _ type: CellType, _ method: Expression.Method, _ arguments: [Expression]
    ) -> Meaning {
        let known = Self.methods(of: type)
        if case .string = type.required, SandboxSurface.libraries["string"]?.contains(method.name) == true {
            return .text
        }
        if case .choice = type.required, !known.contains(method.name) { return .unknown }
        guard known.contains(method.name),
            let function = HostSurface.functions.first(where: { $0.name == method.name })
        else {
            report(
                .unknownMethod, at: method.position, "\(path) is \(type.title) and has no method \(method.name)",
                Self.hint(method.name, known, prefix: ":"))
            return .unknown
        }
        count(arguments, of: "\(path):\(method.name)", function, at: method.position)
        if Self.writing.contains(method.name), roots[current]?.contains(.derived) == true {
            reportPurity(path, at: method.position)
        }
        return result(of: method.name, path, type, arguments)
    }

    private func result(of method: String, _ path: String, _ type: CellType, _ arguments: [Expression]) -> Meaning {
        switch (method, type.required) {
        case ("set", _):
            if let first = arguments.first { check(first, type, path) }
            return .unknown
        case ("push", .list(let rule)):
            for argument in arguments { check(argument, rule.element, path + "[…]") }
            return .unknown
        case ("insert", .list(let rule)):
            if arguments.count > 1 { check(arguments[1], rule.element, path + "[…]") }
            return .unknown
        case ("get", _): return .part(path, type)
        case ("snapshot", _): return .plain(path, type)
        case ("find", .list(let rule)): return followed(path + "[…]", rule.element)
        case ("key", .map(let rule)):
            if let key = arguments.first { noteTimeAsID(key, .part(path, type)) }
            return followed(path + "[…]", rule.element)
        case ("key", .list(let rule)): return followed(path + "[…]", rule.element)
        case ("key", .object(let object)):
            guard let name = arguments.first?.text else { return .unknown }
            if let field = object[name] { return followed("\(path).\(name)", field) }
            if !object.isOpen {
                report(
                    .unknownField, at: arguments[0].position, "\(path) has no field \(name)",
                    Self.hint(name, object.fields.map(\.name)))
            }
            return .unknown
        default: return .unknown
        }
    }

    /// `list:find(function(item) … end)` gives its function the items.
    private func callbacks(_ owner: Meaning, _ method: String, _ arguments: [Expression]) {
        guard method == "find" || method == "remove_where", case .part(let path, let type) = owner,
            case .list(let rule) = type.required, case .function(let body)? = arguments.first?.kind
        else { return }
        let key = FunctionKey(file: current.file, id: body.id)
        give(followed(path + "[…]", rule.element), to: key, 0)
        give(.number, to: key, 1)
    }
}
