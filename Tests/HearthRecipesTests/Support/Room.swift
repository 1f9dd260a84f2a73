import HearthCells
import HearthRecipes
import HearthTransactions
import HearthValues
import HearthWorkers
import Testing

/// The least that a room does, to run recipes in tests: commits at once or drops the transaction.
final class Room {
    let runtime: RecipeRuntime
    var cells = CellState()
    var derived: DerivedGraph
    var ephemeral = Object()
    var seq: UInt64 = 0
    var history: [Commit] = []
    var participants: [Participant] = []
    var effects: [Effect] = []
    var lastTransaction = Transaction(basis: 0, state: CellState())

    init(_ runtime: RecipeRuntime) throws {
        self.runtime = runtime
        derived = try runtime.makeDerivedGraph()
        for cell in runtime.recipe.cells.values where cell.scope == .room && !cell.isEphemeral {
            _ = try cells.apply(.set(Path(cell: cell.name), cell.initial))
        }
        if let error = derived.rebuild(from: cells) { throw error }
    }

    convenience init(
        _ text: String, limits: RecipeLimits = .init(), isolation: RecipeIsolation = TestWorkers.chosen
    ) throws {
        try self.init(RecipeRuntime(RecipeSource(name: "test", text: text), limits: limits, isolation: isolation))
    }

    /// A recipe of these parts; `t` is in reach.
    convenience init(
        cells: String = "", derived: String = "", handlers: String, rest: String = "", prefix: String = "",
        limits: RecipeLimits = .init()
    ) throws {
        try self.init(
            """
            local t = require "hearth.types" \(prefix)
            return recipe { name = "test", cells = { \(cells) }, derived = { \(derived) }, handlers = { \(handlers) }, \(rest) }
            """, limits: limits)
    }

    func join(_ session: String, name: String? = nil, roles: [String] = []) throws -> Participant {
        let who = Participant(id: session, name: name, roles: roles, session: session)
        participants.append(who)
        for cell in runtime.recipe.cells.values where cell.scope == .session || cell.scope == .user {
            guard let id = cell.id(for: who) else { continue }
            if cell.isEphemeral {
                ephemeral[id] = cell.initial
            } else if cells.cells[id] == nil {
                _ = try cells.apply(.set(Path(cell: id), cell.initial))
            }
        }
        return who
    }

    @discardableResult
    func send(
        _ name: String, _ data: Value = .null, by who: Participant? = nil, seed: UInt64 = 1, now: Int64 = 1_000
    ) throws -> Value? {
        try run(.handler(name), data, by: who, seed: seed, now: now)
    }

    @discardableResult
    func run(
        _ entry: Entry, _ data: Value = .null, by who: Participant? = nil, seed: UInt64 = 1, now: Int64 = 1_000,
        conflict: Conflict? = nil, isTrusted: Bool = false
    ) throws -> Value? {
        effects = []
        var transaction = Transaction(basis: seq, state: cells)
        let invocation = Invocation(
            entry: entry, data: data, who: who, now: now, seed: seed, run: conflict == nil ? 1 : 2, room: "r1",
            participants: participants, met: conflict.map { [$0] } ?? [], isTrusted: isTrusted)
        let before = cells
        let lent = derived.fingerprint
        let outcome = runtime.run(invocation, in: &transaction, derived: &derived, ephemeral: ephemeral)
        #expect(derived.fingerprint == lent)
        switch outcome {
        case .failure(let failure), .lost(_, let failure):
            lastTransaction = transaction
            #expect(before == cells)
            throw failure
        case .waiting(let wait):
            lastTransaction = transaction
            throw Failure(code: "waiting", message: "\(wait)")
        case .success(let result, let effects):
            guard case .ready(let state, let changes, _) = transaction.finish(head: cells, headSeq: seq, since: [])
            else {
                throw Failure(code: "conflict", message: "on the head itself")
            }
            lastTransaction = transaction
            _ = try derived.update(after: changes, state: state)
            cells = state
            seq += 1
            self.effects = effects
            for case .ephemeral(let cell, let value) in effects { ephemeral[cell] = value }
            cells._checkInvariants()
            return result
        }
    }

    /// What a failing event says.
    func failure(_ name: String, _ data: Value = .null, by who: Participant? = nil) -> Failure? {
        do {
            try send(name, data, by: who)
            return nil
        } catch {
            return error as? Failure ?? Failure(code: "?", message: "\(error)")
        }
    }

    /// A cell as canonical JSON.
    subscript(cell: String) -> String {
        (cells.cells[cell] ?? derived.values[cell] ?? ephemeral[cell]).map { JSON.text($0) } ?? "absent"
    }
}

/// Everything that is wrong with a recipe, a line each.
func problems(_ text: String) -> [String] {
    do {
        _ = try RecipeRuntime(RecipeSource(name: "test", text: text))
        return []
    } catch {
        return error.problems.map { "\($0.file):\($0.line.map(String.init) ?? "-"): \($0.message)" }
    }
}
