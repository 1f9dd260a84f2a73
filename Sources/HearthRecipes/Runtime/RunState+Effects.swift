import HearthCells
import HearthLua
import HearthValues

/// What a handler asks of the room. Collected here; released by the commit, or forgotten with the run.
extension RunState {
    private func emit(_ effect: Effect) throws(RunError) {
        guard mode == .handler else { throw RunError(mode.refusal) }
        try count(effect)
        effects.append(effect)
    }

    /// `ctx.signal(name, data, {to=})`.
    func signal(_ arguments: inout LuaReader) throws(RunError) {
        let name = try text(&arguments, "ctx.signal takes a name first")
        let data = arguments.isAtEnd ? .null : try plain(&arguments)
        let options = arguments.isAtEnd ? .null : try plain(&arguments)
        try emit(.signal(name: name, data: data, to: try target(options)))
    }

    private func target(_ options: Value) throws(RunError) -> SignalTarget {
        guard case .object(let object) = options else { return .all }
        try only(["to"], in: object, of: "ctx.signal")
        guard let to = object["to"] else { return .all }
        switch to {
        case .string("all"): return .all
        case .string("others"): return .others
        case .string("sender"): return .sender
        case .list(let items):
            var sessions: [String] = []
            for item in items { sessions.append(try session(item)) }
            return .sessions(sessions)
        default: return .sessions([try session(to)])
        }
    }

    /// A participant by its session id, by its table (`ctx.who`) or by a link to one of its own cells.
    func session(_ value: Value) throws(RunError) -> String {
        switch value {
        case .string(let id): return id
        case .object(let participant):
            if case .string(let id) = participant["session"] { return id }
        case .link(let link):
            if case .session(let id) = CellID.owner(of: link.cell) { return id }
        default: break
        }
        throw RunError(
            "ctx.signal: to must be \"all\", \"others\", \"sender\", a participant, a session id or a list of these")
    }

    func reply(_ arguments: inout LuaReader) throws(RunError) {
        try emit(.reply(try plain(&arguments)))
    }

    /// `ctx.broadcast(data, {to_sender=})`.
    func broadcast(_ arguments: inout LuaReader) throws(RunError) {
        let data = try plain(&arguments)
        var toSender = false
        if !arguments.isAtEnd, case .object(let options) = try plain(&arguments) {
            try only(["to_sender"], in: options, of: "ctx.broadcast")
            toSender = options["to_sender"] == .bool(true)
        }
        try emit(.broadcast(data, toSender: toSender))
    }

    /// `ctx.after(ms, handler, data)`: answers with the id that `ctx.cancel` takes.
    func after(_ arguments: inout LuaReader, into reply: inout LuaWriter) throws(RunError) {
        guard let number = arguments.takeNumber(), let delay = number.milliseconds else {
            throw RunError("ctx.after takes milliseconds first, from 0")
        }
        let handler = try text(&arguments, "ctx.after takes the name of a handler second")
        guard handlerNames.contains(handler) else {
            let hint = Spelling.nearest(to: handler, among: Array(handlerNames)).map { ", did you mean \($0)?" } ?? ""
            throw RunError("ctx.after: no handler is called \(handler)\(hint)")
        }
        let data = arguments.isAtEnd ? .null : try plain(&arguments)
        let id = Identifier.make(from: &ids)
        try emit(.schedule(id: id, afterMs: delay, handler: handler, data: data))
        reply.write(id)
    }

    func cancel(_ arguments: inout LuaReader) throws(RunError) {
        try emit(.cancel(id: try text(&arguments, "ctx.cancel takes the id that ctx.after returned")))
    }

    /// `ctx.send(room, event, data)`.
    func send(_ arguments: inout LuaReader) throws(RunError) {
        let room = try text(&arguments, "ctx.send takes the id of a room first")
        let event = try text(&arguments, "ctx.send takes the name of an event second")
        let data = arguments.isAtEnd ? .null : try plain(&arguments)
        try emit(.send(room: room, event: event, data: data))
    }

    func log(_ arguments: inout LuaReader) throws(RunError) {
        let text = try text(&arguments, "ctx.log takes text")
        // A derived or checking function may log while it is being written; nothing of it reaches anyone else.
        if mode == .handler { try emit(.log(text)) }
    }

    func makeID(into reply: inout LuaWriter) throws(RunError) {
        guard mode == .handler else { throw RunError(mode.refusal) }
        reply.write(Identifier.make(from: &ids))
    }

    func listParticipants(into reply: inout LuaWriter) {
        reply.beginList(count: participants.count)
        for participant in participants { reply.write(participant) }
    }

    // MARK: Shared

    func text(_ arguments: inout LuaReader, _ complaint: String) throws(RunError) -> String {
        guard let text = arguments.takeString() else { throw RunError(complaint) }
        return text
    }

    func only(_ known: [String], in options: Object, of function: String) throws(RunError) {
        for (name, _) in options where !known.contains(name) {
            throw RunError("\(function) has no option \(name); options are \(known.joined(separator: ", "))")
        }
    }

    /// Plain data of an effect: a cell that is given as a whole is copied, cells inside it become links.
    func plain(_ arguments: inout LuaReader) throws(RunError) -> Value {
        if let id = arguments.takeNode() {
            let node = try live(id)
            return try look(node, .value).value ?? .null
        }
        do throws(SchemaError) {
            return try decode(.any, from: &arguments)
        } catch {
            throw RunError(error.message)
        }
    }
}

extension Value {
    /// A delay: not negative, at most a year, fractions dropped.
    var milliseconds: Int64? {
        let yearMs: Int64 = 366 * 86_400_000
        switch self {
        case .int(let number): return number >= 0 && number <= yearMs ? number : nil
        case .double(let number): return number >= 0 && number <= Double(yearMs) ? Int64(number) : nil
        default: return nil
        }
    }

    /// Sum of two numbers; integers stay integers. Nil when this is no number, or the sum is not finite or too large.
    func adding(_ other: Value) -> Value? {
        switch (self, other) {
        case (.int(let left), .int(let right)):
            let (sum, overflow) = left.addingReportingOverflow(right)
            return overflow ? nil : .int(sum)
        case (.int(let left), .double(let right)): return Value.finite(Double(left) + right)
        case (.double(let left), .int(let right)): return Value.finite(left + Double(right))
        case (.double(let left), .double(let right)): return Value.finite(left + right)
        default: return nil
        }
    }

    private static func finite(_ number: Double) -> Value? {
        number.isFinite ? .double(number) : nil
    }
}
