package import HearthCells
import HearthLua
package import HearthTransactions
package import HearthValues

extension RecipeRuntime {
    /// Runs one event: `allow`, the check of its data, the handler, then watches until nothing changes any more.
    ///
    /// - Parameters:
    ///   - transaction: takes reads and writes. After a failure it must be dropped: it may hold half of what the
    ///     handler did.
    ///   - derived: the derived cells at the transaction's basis; lent for the run, and the same after it.
    ///   - ephemeral: the room's ephemeral cells by id.
    /// - Returns: what the handler returned and the effects in the order in which they were asked for; or why not; or
    ///   what it must wait for.
    package func run(
        _ invocation: Invocation, in transaction: inout Transaction, derived: inout DerivedGraph, ephemeral: Object
    ) -> RunOutcome {
        if case .console(let line) = invocation.entry {
            return run(line, invocation, in: &transaction, derived: &derived, ephemeral: ephemeral)
        }
        replaceDeadVM()
        loss = nil
        isCutShort = false
        state.begin(invocation, ephemeral: ephemeral)
        run = LuaRun(now: invocation.now, seed: invocation.seed)
        // Lent, not copied: the transaction's cells stay uniquely held, so writes happen in place.
        swap(&state.transaction, &transaction)
        swap(&state.derived, &derived)
        var outcome: RunOutcome?
        defer {
            swap(&state.transaction, &transaction)
            swap(&state.derived, &derived)
            runs += 1
            if state.hasCalled { instructions &+= vm.instructionsUsed }
            state.end()
            replaceDeadVM()
            if let observer, let outcome {
                observer(ObservedRun(invocation, outcome, transaction, waitsAt: state.waits.pendingAt, in: recipe))
            }
        }
        defer {
            if let meter, state.hasCalled { meter(invocation.entry, vm.instructionsUsed, vm.outputUsed) }
        }
        let ended = end(invocation)
        if observer != nil { outcome = ended }
        return ended
    }

    private func end(_ invocation: Invocation) -> RunOutcome {
        do throws(Failure) {
            return .success(result: try perform(invocation), effects: state.effects)
        } catch {
            if let loss { return .lost(loss, error) }
            if let wait = state.waits.pending { return .waiting(wait) }
            return .failure(error)
        }
    }

    private func perform(_ invocation: Invocation) throws(Failure) -> Value? {
        /// What is handed over in place of what was sent.
        var data: Value?
        let slot: FunctionSlot?
        switch invocation.entry {
        case .handler(let name):
            guard let handler = handler(name) else { throw unknownEvent(name) }
            try checkAllowed(handler, invocation)
            data = try checked(invocation.data, by: handler)
            slot = run(of: handler, invocation)
        case .message(let type):
            slot = recipe.messages[type] ?? recipe.messages["*"]
            if slot == nil { throw unknownMessage(type) }
        case .migrate(let version):
            slot = recipe.lifecycle.migrate
            data = .int(version)
        case .create: slot = recipe.lifecycle.create
        case .console: slot = nil  // has run elsewhere
        case .join: slot = recipe.lifecycle.join
        case .leave: slot = recipe.lifecycle.leave
        case .idle: slot = recipe.lifecycle.idle
        }
        var result: Value?
        if let slot { result = try call(slot, invocation, data ?? invocation.data) }
        try runWatches(invocation)
        state.emitEphemeral()
        return result
    }

    /// After a conflict `on_conflict` may take the place of `run`.
    private func run(of handler: HandlerDeclaration, _ invocation: Invocation) -> FunctionSlot {
        if case .function(let slot) = handler.onConflict, !invocation.met.isEmpty { return slot }
        return handler.run
    }

    private func checked(_ data: Value, by handler: HandlerDeclaration) throws(Failure) -> Value {
        guard let type = handler.data else { return data }
        do throws(SchemaError) {
            if data.isNull, case .object = type { return try type.accept(.object(Object())) }
            return try type.accept(data)
        } catch {
            throw Failure(
                code: "invalid_data", message: error.message,
                details: .object(["path": .string(error.pointer), "handler": .string(handler.name)]))
        }
    }

    private func checkAllowed(_ handler: HandlerDeclaration, _ invocation: Invocation) throws(Failure) {
        if invocation.isTrusted { return }
        switch handler.allow {
        case .anyone: return
        case .roles(let roles):
            if let who = invocation.who, roles.contains(where: { $0 == "member" || who.roles.contains($0) }) { return }
            let wanted = roles.joined(separator: " or ")
            throw Failure(code: "forbidden", message: "\(handler.name) needs the role \(wanted)")
        case .function(let slot):
            state.mode = .checking
            defer { state.mode = .handler }
            let allowed = try attempt(slot, invocation) { () throws(LuaError) in
                try call(slot, budget: limits.event) { writer in
                    if let who = invocation.who { writer.write(who) } else { writer.writeAbsent() }
                    state.writeCells(into: &writer)
                    write(invocation.data, into: &writer)
                } result: { reader in
                    !(reader.isAtEnd || reader.isAbsent || reader.takeBool() == false)
                }
            }
            if !allowed { throw Failure(code: "forbidden", message: "\(handler.name) is not allowed now") }
        }
    }

    /// Runs `slot` as `(cells, data, ctx)`; its return value as plain data.
    private func call(_ slot: FunctionSlot, _ invocation: Invocation, _ data: Value) throws(Failure) -> Value? {
        let returned = try attempt(slot, invocation) { () throws(LuaError) in
            try call(slot, budget: limits.event) { writer in
                state.writeCells(into: &writer)
                write(data, into: &writer)
                writer.writeContext { state.write(contextOf: invocation, into: &$0) }
            } result: { reader in
                returnedValue(&reader)
            }
        }
        switch returned {
        case .success(let value): return value
        case .failure(let error):
            throw failure(LuaError(.runtime, "what it returned: \(error.message)"), in: slot, invocation)
        }
    }

    private func write(_ data: Value, into writer: inout LuaWriter) {
        if data.isNull { writer.writeAbsent() } else { state.write(data, into: &writer) }
    }

    func returnedValue(_ reader: inout LuaReader) -> Result<Value?, RunError> {
        if reader.isAtEnd || reader.isAbsent { return .success(nil) }
        do throws(RunError) {
            return .success(try state.console == .none ? state.plain(&reader) : state.consoleValue(&reader))
        } catch {
            return .failure(error)
        }
    }

    /// Runs watches, and watches of what they changed, until nothing changes any more.
    private func runWatches(_ invocation: Invocation) throws(Failure) {
        guard state.catalog.hasWatches else { return }
        for _ in 0..<RunState.watchRoundsMax {
            let changed = state.takeUnseen()
            if changed.isEmpty { return }
            for (cell, before) in changed { try runWatch(of: cell, before: before, invocation) }
        }
        let cells = state.takeUnseen().map(\.cell)
        guard !cells.isEmpty else { return }
        throw Failure(
            code: "handler_failed",
            message: "watches still change \(cells.joined(separator: ", ")) after \(RunState.watchRoundsMax) rounds",
            details: .object([
                "recipe": .string(recipe.name), "handler": .string("watch.\(cells[0])"),
                "cells": .list(List(cells.map { .string($0) })),
            ]))
    }

    private func runWatch(of cell: String, before: Value, _ invocation: Invocation) throws(Failure) {
        guard let place = state.catalog.entry(ofCell: cell)?.watch else { return }
        let slot = recipe.watches[place].run
        _ = try attempt(slot, invocation) { () throws(LuaError) in
            try call(slot, budget: limits.event) { writer in
                state.writeCells(into: &writer)
                state.writeChange(of: cell, before: before, into: &writer)
                writer.writeContext { state.write(contextOf: invocation, into: &$0) }
            } result: { _ in
            }
        }
    }

    /// Runs Lua code and turns what it raised into the protocol's error.
    func attempt<Result>(
        _ slot: FunctionSlot, _ invocation: Invocation, _ body: () throws(LuaError) -> Result
    ) throws(Failure) -> Result {
        do throws(LuaError) {
            return try body()
        } catch {
            throw failure(error, in: slot, invocation)
        }
    }
}
