import HearthCells
import HearthLua
import HearthTransactions
import HearthValues

/// Lines that a person types.
extension RecipeRuntime {
    /// Runs a line in a VM of its own that is thrown away: the recipe's VM never sees it. It has the limits of an event.
    ///
    /// - Returns: on success `{"printed": [TEXT…], "values": [[VALUE]…]}`, with `[]` for a value that is nil.
    func run(
        _ line: ConsoleLine, _ invocation: Invocation, in transaction: inout Transaction, derived: inout DerivedGraph,
        ephemeral: Object
    ) -> RunOutcome {
        var handler = "repl"
        while recipe.handlers[handler] != nil { handler += "_" }
        let (files, main) = line.files(with: recipe.files, handler: handler)
        let runtime: RecipeRuntime
        do throws(RecipeError) {
            runtime = try RecipeRuntime(
                RecipeSource(name: recipe.name, files: files), limits: limits, isolation: isolation, main: main)
        } catch {
            return .failure(Self.failure(error))
        }
        runtime.state.console = line.mayWrite ? .writing : .looking
        runtime.meter = meter
        let outcome = runtime.run(
            invocation.with(entry: .handler(handler)), in: &transaction, derived: &derived, ephemeral: ephemeral)
        runs += 1
        instructions &+= runtime.instructions
        switch outcome {
        case .failure(let failure): return .failure(Self.told(failure, as: handler))
        case .lost(let loss, let failure): return .lost(loss, Self.told(failure, as: handler))
        case .success, .waiting: return outcome
        }
    }

    /// What was typed is no Lua.
    private static func failure(_ error: RecipeError) -> Failure {
        guard let problem = error.problems.first(where: { $0.file == ConsoleLine.file }) ?? error.problems.first else {
            return Failure(code: "invalid_data", message: error.message)
        }
        var details: Object = ["file": .string(problem.file)]
        details["line"] = problem.line.map { .int(Int64($0)) }
        let place = problem.line.map { "\(problem.file):\($0): " } ?? ""
        return Failure(code: "invalid_data", message: place + problem.message, details: .object(details))
    }

    /// Without the name of a handler that nobody wrote.
    private static func told(_ failure: Failure, as handler: String) -> Failure {
        var failure = failure
        let prefix = "handlers.\(handler): "
        if failure.message.hasPrefix(prefix) { failure.message = String(failure.message.dropFirst(prefix.count)) }
        guard var details = failure.details.object else { return failure }
        details["handler"] = nil
        // The line is known to whoever typed it, without what stands before it in its file.
        if details["file"]?.string == ConsoleLine.file { details["source"] = nil }
        failure.details = .object(details)
        return failure
    }
}

extension RunState {
    /// Whether a person's line runs, and whether it may change anything.
    enum Console {
        case none, looking, writing
    }

    /// What a line printed and returned. A cell that is returned is shown with what is in it; links in it stay links.
    func consoleValue(_ reader: inout LuaReader) throws(RunError) -> Value {
        guard case .object(let count) = try item(&reader) else { return .null }
        var result = Object()
        for _ in 0..<count {
            let key: String
            do throws(LuaFormatError) { key = try reader.readKey() } catch { throw RunError("\(error)") }
            result[key] = key == "values" ? try shownValues(&reader) : try plain(&reader)
        }
        return .object(result)
    }

    private func item(_ reader: inout LuaReader) throws(RunError) -> LuaItem {
        do throws(LuaFormatError) { return try reader.next() } catch { throw RunError("\(error)") }
    }

    /// Each value in a list of its own, which is empty for nil.
    private func shownValues(_ reader: inout LuaReader) throws(RunError) -> Value {
        guard case .list(let count) = try item(&reader) else { return .list(List()) }
        var values: [Value] = []
        for _ in 0..<count {
            guard case .list(1) = try item(&reader) else {
                values.append(.list(List()))
                continue
            }
            values.append(.list(List([try shown(&reader)])))
        }
        return .list(List(values))
    }

    private func shown(_ reader: inout LuaReader) throws(RunError) -> Value {
        var ahead = reader
        guard let id = ahead.takeNode() else { return try plain(&reader) }
        let node = try nodes[id]
        switch node.kind {
        case .cells:
            reader = ahead
            return .object(try allCells())
        case .many:
            reader = ahead
            let members = members(of: node.path.cell).map { key -> (key: String, value: Value) in
                (key, transaction.state.cells[member(key, of: node.path.cell)] ?? .null)
            }
            return .object(Object(members))
        case .stored, .ephemeral, .derived, .gone: return try plain(&reader)
        }
    }

    /// Everything that is in the room, by the ids of cells.
    private func allCells() throws(RunError) -> Object {
        var cells = transaction.state.cells
        for entry in catalog.entries where entry.source.kind == .derived {
            if let value = try derivedValue(at: Path(cell: entry.name)) { cells[entry.name] = value }
        }
        for (id, value) in ephemeralCells { cells[id] = value }
        return cells
    }
}
