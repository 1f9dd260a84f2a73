import HearthLua
import HearthValues

/// From what Lua raised to the protocol's error codes.
extension RecipeRuntime {
    func failure(_ error: LuaError, in slot: FunctionSlot, _ invocation: Invocation) -> Failure {
        let error = placed(error, in: slot)
        let place = error.file.map { file in error.line.map { "\(file):\($0): " } ?? "\(file): " } ?? ""
        switch error.kind {
        case .failed(let code):
            return Failure(code: code, message: error.message, details: details(error, slot))
        case .aborted(let code):
            return Failure(
                code: code.isEmpty ? "handler_failed" : code, message: place + error.message,
                details: details(
                    error, slot, limit: code == "budget_exceeded" ? state.crossed : nil))
        case .limit(let limit):
            return Failure(
                code: "budget_exceeded", message: place + error.message,
                details: details(error, slot, limit: (limit.rawValue, limits.value(ofKind: limit.rawValue))))
        case .lost(.hung(let milliseconds)):
            return Failure(
                code: "budget_exceeded", message: place + error.message,
                details: details(error, slot, limit: ("time", Int64(clamping: milliseconds))))
        case .syntax, .runtime, .dead, .host, .lost:
            let missesWho = invocation.who == nil && error.message.hasSuffix("(field 'who')")
            let hint = missesWho ? ": `ctx.who` is nil, for no participant asked for this" : ""
            return Failure(
                code: "handler_failed", message: "\(slot.name): \(place)\(error.message)\(hint)",
                details: details(error, slot))
        }
    }

    /// Where the function of a `.custom` merge policy begins; nil when there is none of that number.
    package func place(ofMerge function: Int) -> SourcePlace? {
        guard handles.indices.contains(function), let place = vm.position(of: handles[function]) else { return nil }
        return SourcePlace(file: place.file, line: place.line)
    }

    /// The text of a line of the recipe, without the space around it; nil when there is none.
    package func text(at place: SourcePlace) -> String? { lines.text(file: place.file, line: place.line) }

    /// What is found when a function has returned is put down to its first line.
    private func placed(_ error: LuaError, in slot: FunctionSlot) -> LuaError {
        guard error.file == nil, let place = vm.position(of: handles[slot.index]) else { return error }
        var error = error
        error.file = place.file
        error.line = place.line
        error.sourceLine = lines.text(file: place.file, line: place.line)
        return error
    }

    private func details(_ error: LuaError, _ slot: FunctionSlot, limit: (kind: String, value: Int64)? = nil) -> Value {
        var details = Object()
        details["recipe"] = .string(recipe.name)
        details["handler"] = .string(slot.handlerName)
        details["file"] = error.file.map { .string($0) }
        details["line"] = error.line.map { .int(Int64($0)) }
        details["source"] = error.sourceLine.map { .string($0) }
        if !error.traceback.isEmpty { details["traceback"] = .string(error.traceback) }
        if let limit {
            details["kind"] = .string(limit.kind)
            details["limit"] = .int(limit.value)
        }
        return .object(details)
    }

    func unknownEvent(_ name: String) -> Failure {
        unknown(name, among: recipe.handlers.keys, "\(recipe.name) has no handler \(name)")
    }

    func unknownMessage(_ type: String) -> Failure {
        unknown(type, among: recipe.messages.keys, "\(recipe.name) has no messages.\(type)")
    }

    private func unknown(_ name: String, among known: some Collection<String>, _ message: String) -> Failure {
        let hint = Spelling.nearest(to: name, among: Array(known)).map { ", did you mean \($0)?" } ?? ""
        return Failure(code: "unknown_event", message: message + hint)
    }
}
