package import HearthCells
import HearthLua
package import HearthValues

extension RecipeRuntime {
    /// A new graph of the recipe's derived cells, for one room. It calls back into this runtime and must be used on its
    /// executor.
    /// - Throws: `DerivedError.cycle` with the names of derived cells that follow each other in a ring.
    package func makeDerivedGraph() throws(DerivedError) -> DerivedGraph {
        let spending = DerivedSpending()
        return try DerivedGraph(
            recipe.derived.map { DerivedDefinition(name: $0.name, rule: rule(of: $0, spending)) })
    }

    /// Runs the function of a `.custom` merge policy. Pure.
    /// - Returns: nil when the function returned nil, failed, or gave what the cell cannot hold: a conflict.
    package func merge(_ function: Int, base: Value, mine: Value, theirs: Value, cell: String) -> Value? {
        guard recipe.slots.indices.contains(function) else { return nil }
        replaceDeadVM()
        let merged = evaluate(.pure) { () throws(LuaError) in
            try call(recipe.slots[function], budget: limits.event) { writer in
                for value in [base, mine, theirs] { writer.writeData(value) }
            } result: { reader in
                reader.isAtEnd || reader.isAbsent ? nil : try? state.decode(.any, from: &reader)
            }
        }
        guard case .success(let value?) = merged else { return nil }
        guard let type = recipe.declaration(ofCell: cell)?.type else { return value }
        return try? type.accept(value)
    }

    /// Runs Lua code in a mode of its own, inside a run or outside of one. Outside, where no event would run again, it is
    /// run a second time when its process is lost.
    private func evaluate<Value>(
        _ mode: RunState.Mode, _ body: () throws(LuaError) -> Value
    ) -> Result<Value, LuaError> {
        let first = evaluateOnce(mode, body)
        guard !state.isRunning, case .failure(let error) = first, case .lost = error.kind else { return first }
        replaceDeadVM()
        return evaluateOnce(mode, body)
    }

    private func evaluateOnce<Value>(
        _ mode: RunState.Mode, _ body: () throws(LuaError) -> Value
    ) -> Result<Value, LuaError> {
        let outer = state.mode
        state.mode = mode
        if !state.isRunning { state.nodes.reset() }
        defer { state.mode = outer }
        do throws(LuaError) {
            return .success(try body())
        } catch {
            return .failure(error)
        }
    }

    private func rule(of derived: DerivedDeclaration, _ spending: DerivedSpending) -> DerivedRule {
        let element = { (selector: Selector) in self.element(selector, spending) }
        let projected = { (projection: Projection) in self.element(projection, spending) }
        switch derived.source {
        case .computed(let slot):
            return .computed { [self] (reader: inout DerivedReader) throws(DerivedFailure) in
                try compute(slot, &reader, spending) { writer in writer.write(LuaNode(state.addCellsNode(), .cells)) }
            }
        case .kept(let kept):
            let list = Path(cell: kept.list)
            switch kept.operation {
            case .last(let count): return .last(list, count)
            case .count(let selector): return .count(list, selector.map(element))
            case .where(let selector): return .filtered(list, element(selector))
            case .map(let key, let value): return .mapOf(list, key: projected(key), value: value.map(projected))
            case .sum(let projection): return .sum(list, projection.map(projected))
            case .group(let key): return .groupBy(list, projected(key))
            case .sort(let key, false): return .sortBy(list, projected(key))
            case .sort(let key, true): return .sortBy(list, descending(projected(key)))
            }
        }
    }

    private func element(_ selector: Selector, _ spending: DerivedSpending) -> ElementRule {
        switch selector {
        case .function(let slot): return function(slot, spending)
        case .fields(let wanted):
            return .function { (reader: inout DerivedReader, place: Path, _: Value) throws(DerivedFailure) in
                for (field, value) in wanted {
                    guard let found = reader.value(place.appending(field)), found.isEquivalent(to: value) else {
                        return .bool(false)
                    }
                }
                return .bool(true)
            }
        }
    }

    private func element(_ projection: Projection, _ spending: DerivedSpending) -> ElementRule {
        switch projection {
        case .field(let field): .field(field)
        case .function(let slot): function(slot, spending)
        }
    }

    private func function(_ slot: FunctionSlot, _ spending: DerivedSpending) -> ElementRule {
        .function { [self] (reader: inout DerivedReader, place: Path, _: Value) throws(DerivedFailure) in
            try compute(slot, &reader, spending) { writer in
                do {
                    try state.answer(with: state.node(at: place), into: &writer)
                } catch {
                    writer.writeAbsent()
                }
            }
        }
    }

    private func descending(_ rule: ElementRule) -> ElementRule {
        .function { (reader: inout DerivedReader, place: Path, element: Value) throws(DerivedFailure) in
            switch rule {
            case .field(let field): (reader.value(place.appending(field)) ?? .null).reversedKey
            case .function(let body): try body(&reader, place, element).reversedKey
            }
        }
    }

    /// Calls a function of a derived cell; what it reads goes through `reader`.
    private func compute(
        _ slot: FunctionSlot, _ reader: inout DerivedReader, _ spending: DerivedSpending,
        arguments: (inout LuaWriter) -> Void
    ) throws(DerivedFailure) -> Value {
        let budget = state.isRunning ? limits.event : try spending.budget(limits, state.events)
        if !state.isRunning { replaceDeadVM() }
        let outer = state.reader
        state.reader = reader
        let outcome = evaluate(.deriving) { () throws(LuaError) in
            try call(slot, budget: budget, arguments: arguments) { reader in returnedValue(&reader) }
        }
        if !state.isRunning { spending.used += vm.instructionsUsed }
        if let inner = state.reader { reader = inner }
        state.reader = outer
        if reader.isAbandoned { return .null }
        switch outcome {
        case .success(.success(let value)): return value ?? .null
        case .success(.failure(let error)): throw DerivedFailure("it returned what cannot be kept: \(error.message)")
        case .failure(let error):
            throw DerivedFailure(error.description, line: Int32(truncatingIfNeeded: error.line ?? 0))
        }
    }
}

extension Value {
    /// A key that sorts as this one does backwards, within its kind; what has no key comes last.
    var reversedKey: Value {
        switch self {
        case .null: .list(List())
        case .bool(let truth): .bool(!truth)
        case .int(let number): number == .min ? .double(0x1p63) : .int(-number)
        case .double(let number): .double(-number)
        case .string(let text): .string(text.mirrored)
        case .list, .object, .link: self
        }
    }
}

extension String {
    /// Each scalar replaced by the one as far from the other end of Unicode. The last scalar closes it, so that of two
    /// texts that begin alike the longer comes first.
    fileprivate var mirrored: String {
        let count: UInt32 = 0x110000 - 0x800
        var result = String.UnicodeScalarView()
        for scalar in unicodeScalars {
            let ordinal = scalar.value < 0xD800 ? scalar.value : scalar.value - 0x800
            let mirror = count - 1 - ordinal
            if let scalar = Unicode.Scalar(mirror < 0xD800 ? mirror : mirror + 0x800) { result.append(scalar) }
        }
        result.append("\u{10FFFF}")
        return String(result)
    }
}
