import HearthCells
import HearthRecipes
import HearthTransactions
import HearthValues

/// What another version of its recipe makes of a room, computed beside the room: nothing of it changes here.
extension RoomMachine {
    /// The room under another version: cells that are new get their first values, `on.migrate` runs when the version
    /// rose, fields with defaults are filled in, everything is checked against the new types, derived cells are computed
    /// anew.
    ///
    /// - Parameter knowsOld: whether `head` has the code that wrote its cells, and derived cells of it.
    /// - Returns: or why the room cannot run it, naming the place in the cells or in the recipe.
    /// - Complexity: O(cells whose declaration changed), and what migrating and deriving cost.
    func swap(to reload: RoomReload, knowsOld: Bool, now: Int64) -> Result<RecipeSwap, Failure> {
        let runtime = reload.runtime
        let recipe = runtime.recipe
        let changed = knowsOld ? RecipeChange(from: head.code.runtime.recipe, to: recipe).cells : nil
        var transaction = Transaction(basis: head.seq, state: head.cells)
        var swap = RecipeSwap(cells: head.cells, derived: head.derived)
        do {
            for write in firstCells(in: recipe, head.cells.cells) { try transaction.write(write) }
            if recipe.version > head.code.stamp.version, recipe.hasMigrate {
                switch migrate(&transaction, runtime, now: now) {
                case .success(let effects): swap.effects = effects
                case .failure(let failure): return .failure(failure)
                }
                swap.migrated = true
            }
            for write in try fitting(transaction.state.cells, to: recipe, changed) { try transaction.write(write) }
        } catch let failure as Failure {
            return .failure(failure)
        } catch {
            return .failure(Failure(internal: error))
        }
        (swap.cells, swap.changes) = transaction.end()
        if let failure = collectUnlinked(&swap.cells, &swap.changes)
            ?? exceeded(swap.cells, swap.effects, freesTimer: false)
        {
            return .failure(failure)
        }
        do throws(DerivedError) {
            swap.derived = try runtime.makeDerivedGraph()
            let operations = try swap.derived.build(on: swap.cells, inPlaceOf: head.derived)
            if knowsOld { swap.derivedOperations = operations }
        } catch {
            return .failure(Failure(derived: error))
        }
        swap.stored = swap.changes.patchOperations
        if knowsOld {
            swap.hiding = hiding(swap.cells.cells, from: recipe)
            swap.showing = showing(swap.cells.cells, from: recipe)
        }
        return .success(swap)
    }

    /// The cells that the room and those who are in it have under a recipe and do not have yet.
    private func firstCells(in recipe: Recipe, _ cells: Object) -> [Write] {
        var writes = recipe.cells.values
            .filter { $0.scope == .room && !$0.isEphemeral && cells[$0.name] == nil }
            .sorted { $0.name < $1.name }
            .map { Write.set(Path(cell: $0.name), $0.initial) }
        var made: Set<String> = []
        for session in sessions.values.sorted(by: { $0.id < $1.id }) where !session.isEnding {
            for declaration in recipe.cells.values.sorted(by: { $0.name < $1.name })
            where (declaration.scope == .session || declaration.scope == .user) && !declaration.isEphemeral {
                guard let cell = declaration.id(for: session.participant), cells[cell] == nil,
                    made.insert(cell).inserted
                else { continue }
                writes.append(.set(Path(cell: cell), declaration.initial))
            }
        }
        return writes
    }

    private func migrate(
        _ transaction: inout Transaction, _ runtime: RecipeRuntime, now: Int64
    ) -> Result<[Effect], Failure> {
        // What it reads of derived cells follows the cells before it, where those can be derived from at all.
        var derived = head.derived
        if var graph = try? runtime.makeDerivedGraph() {
            derived = graph.rebuild(from: transaction.state) == nil ? graph : derived
        }
        let version = head.code.stamp.version
        let invocation = Invocation(
            entry: .migrate(from: version), data: .int(version), now: now,
            seed: seed("migrate", runtime.recipe.version), room: id, participants: participants, isTrusted: true)
        let before = transaction
        for losses in 0...EventRun.lossesMax {
            switch runtime.run(invocation, in: &transaction, derived: &derived, ephemeral: ephemeral) {
            case .success(_, let effects): return .success(effects)
            case .failure(let failure): return .failure(failure)
            case .lost(_, let failure):
                if losses == EventRun.lossesMax { return .failure(failure) }
                transaction = before
            case .waiting: return .failure(.impossible("on.migrate waits"))
            }
        }
        return .failure(.impossible("on.migrate has no end"))
    }

    /// The writes that make cells fit their new types: defaults of fields that are new, and cells away that are derived
    /// or ephemeral by now.
    ///
    /// - Throws: `Failure` for the first cell that does not fit.
    private func fitting(_ cells: Object, to recipe: Recipe, _ changed: Set<String>?) throws -> [Write] {
        var writes: [Write] = []
        let derived = Set(recipe.derivedNames)
        for (id, value) in cells {
            let name = String(CellID.name(of: id))
            if derived.contains(name) || recipe.cells[name]?.isEphemeral == true {
                writes.append(.remove(Path(cell: id)))
                continue
            }
            guard changed?.contains(name) ?? true, recipe.holds(storedCell: id), !value.isNull,
                let declaration = recipe.declaration(ofCell: id)
            else { continue }
            let fitted: Value
            do throws(SchemaError) { fitted = try declaration.type.accept(value) } catch {
                throw Failure(unfit: id, error, recipe)
            }
            value.appendWrites(leadingTo: fitted, at: Path(cell: id), &writes)
        }
        return writes
    }

    /// Takes from replicas what was shown so far and the recipe no longer declares.
    private func hiding(_ cells: Object, from recipe: Recipe) -> [PatchOperation] {
        cells.keys.filter {
            !recipe.holds(storedCell: $0) && !head.code.visibility.isRetired($0)
                && head.cells.cells[$0] != nil
        }.map { .remove(Pointer(tokens: [$0])) }
    }

    /// Gives replicas, whole, what earlier versions had stopped to declare.
    private func showing(_ cells: Object, from recipe: Recipe) -> [PatchOperation] {
        head.code.visibility.retired.sorted().compactMap { id in
            guard recipe.holds(storedCell: id), let value = cells[id] else { return nil }
            return .add(Pointer(tokens: [id]), value)
        }
    }
}

/// What a change of recipe makes of a room.
struct RecipeSwap {
    var cells: CellState
    var derived: DerivedGraph
    var changes: [Change] = []
    var stored: [PatchOperation] = []
    var derivedOperations: [PatchOperation] = []
    /// Takes cells from replicas that the recipe no longer declares; the room keeps them.
    var hiding: [PatchOperation] = []
    /// Gives them back what is declared again.
    var showing: [PatchOperation] = []
    var effects: [Effect] = []
    var migrated = false

    init(cells: CellState, derived: DerivedGraph) {
        self.cells = cells
        self.derived = derived
    }

    var isEmpty: Bool { stored.isEmpty && derivedOperations.isEmpty && hiding.isEmpty && showing.isEmpty }
}

extension Value {
    /// The writes that lead to a value of the same shape, which differs in fields of objects and in scalars.
    fileprivate func appendWrites(leadingTo other: Value, at path: Path, _ writes: inout [Write]) {
        if self == other { return }
        switch (self, other) {
        case (.object(let from), .object(let to)):
            for key in from.keys where to[key] == nil { writes.append(.remove(path.appending(.key(key)))) }
            for (key, value) in to {
                guard let old = from[key] else {
                    writes.append(.set(path.appending(.key(key)), value))
                    continue
                }
                old.appendWrites(leadingTo: value, at: path.appending(.key(key)), &writes)
            }
        case (.list(let from), .list(let to)) where from.count == to.count:
            for (place, pair) in zip(from, to).enumerated() {
                pair.0.appendWrites(leadingTo: pair.1, at: path.appending(.index(place)), &writes)
            }
        default: writes.append(.set(path, other))
        }
    }
}

extension Failure {
    /// A cell that does not fit its new type.
    fileprivate init(unfit cell: String, _ error: SchemaError, _ recipe: Recipe) {
        let name = String(CellID.name(of: cell))
        let found = SchemaError(error.rule, at: error.steps, cell: cell)
        var details: Object = [
            "recipe": .string(recipe.name), "cell": .string(cell), "path": .string(found.pointer),
        ]
        var place = ""
        if let (at, source) = recipe.place(ofCell: name) {
            place = "\(at): "
            details["file"] = .string(at.file)
            details["line"] = .int(Int64(at.line))
            details["source"] = .string(source)
        }
        self.init(
            code: "migration_failed",
            message: "\(place)the room holds what cells.\(name) may not: \(found.message); raise `version` and put it "
                + "right in on.migrate",
            details: .object(details))
    }
}
