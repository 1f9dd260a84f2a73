import HearthCells
import HearthValues
import Testing

@Suite struct `Derived cells` {
    @Test(arguments: Seed.some(4), [true, false])
    func `are what computing them from nothing gives`(seed: Seed, onlyTails: Bool) throws {
        let definitions = onlyTails ? PlainDerived.tails : PlainDerived.definitions
        var writes = RandomWrites(random: seed.random)
        var state = CellState(cells: RandomWrites.start)
        var graph = try DerivedGraph(definitions)
        try graph.build(on: state)
        for _ in 0..<60 {
            var changes: [Change] = []
            for _ in 0..<writes.pick([1, 1, 1, 2, 3, 6]) {
                if let made = try? state.apply(writes.write(in: state)) { changes += made }
            }
            let before = graph
            let old = graph.values
            let operations: [PatchOperation]
            do { operations = try graph.update(after: changes, state: state) } catch {
                // A key that is an object: the model leaves such out.
                #expect(graph.values == old)
                graph = before
                state = CellState(cells: RandomWrites.start)
                try graph.build(on: state)
                continue
            }
            #expect(before.values == old)
            graph._checkInvariants()
            for (name, expected) in PlainDerived.values(state) where expected != "beyond the model" {
                guard graph.names.contains(name) else { continue }
                if name == "mixed", PlainDerived.values(state)["total"] == "beyond the model" { continue }
                try #require(graph.values[name] == expected, "\(seed): \(name) after \(changes)")
            }
            var patched = Value.object(old)
            try Patch(operations: operations).apply(to: &patched)
            #expect(patched == .object(graph.values), "\(seed): the patch after \(changes)")
            var fresh = try DerivedGraph(definitions)
            try fresh.build(on: state)
            #expect(fresh.values == graph.values, "\(seed): built anew after \(changes)")
        }
    }

    private let log = Path(cell: "log")

    private func room(_ count: Int, _ rules: [(String, DerivedRule)]) throws -> (CellState, DerivedGraph) {
        let state = CellState(cells: [
            "log": .list(List((0..<count).map { ["n": .int(Int64($0))] })),
            "user": ["name": "Ann", "age": 3], "other": 1,
        ])
        var graph = try DerivedGraph(rules.map { DerivedDefinition(name: $0.0, rule: $0.1) })
        try graph.build(on: state)
        return (state, graph)
    }

    @Test func `slide a full window with two operations`() throws {
        var (state, graph) = try room(60, [("recent", .last(log, 50))])
        let operations = try graph.update(after: try state.apply(.push(log, ["new"])), state: state)
        #expect(
            operations == [
                .remove(Pointer(tokens: ["recent", "0"])), .add(Pointer(tokens: ["recent", "-"]), "new"),
            ])
    }

    @Test func `ask only about the elements that changed`() throws {
        final class Calls { var count = 0 }
        let calls = Calls()
        let rule = ElementRule.function { _, _, element in
            calls.count += 1
            return .bool((element.object?["n"]?.int ?? 0) % 2 == 0)
        }
        var (state, graph) = try room(1000, [("even", .filtered(log, rule)), ("evens", .count(log, rule))])
        #expect(calls.count == 2000)
        calls.count = 0
        for write in [
            Write.push(log, [["n": 4]]), .set(log.appending(7).appending("n"), 8), .remove(log.appending(3)),
            .insert(log, at: 9, ["n": 2]),
        ] { _ = try graph.update(after: try state.apply(write), state: state) }
        #expect(calls.count == 6)
        #expect(graph.values["evens"] == 503)
        calls.count = 0
        #expect(try graph.update(after: try state.apply(.set(Path(cell: "other"), 2)), state: state) == [])
        #expect(calls.count == 0)
    }

    @Test func `ask again about elements whose link leads to what changed, and no others`() throws {
        final class Calls { var count = 0 }
        let calls = Calls()
        let rule = ElementRule.function { reader, place, _ in
            calls.count += 1
            return reader.value(place.appending("by").appending("name")) ?? .null
        }
        var state = CellState(cells: ["ann": ["name": "Ann"], "bob": ["name": "Bob"]])
        let links = ["ann", "bob"].map { Value.object(["by": .link(Link(cell: $0, pointer: Pointer()))]) }
        try _ = state.apply(.set(log, .list(List((0..<100).map { links[$0 % 10 == 0 ? 1 : 0] }))))
        var graph = try DerivedGraph([DerivedDefinition(name: "names", rule: .groupBy(log, rule))])
        try graph.build(on: state)
        calls.count = 0
        let renamed = try state.apply(.set(Path(cell: "bob").appending("name"), "Rob"))
        _ = try graph.update(after: renamed, state: state)
        #expect(calls.count == 10)
        #expect(graph.values["names"]?.object?["Rob"]?.list?.count == 10)
        #expect(graph.values["names"]?.object?["Bob"] == nil)
    }

    @Test func `run again only when what they read has changed, and stop where nothing changes`() throws {
        var (state, graph) = try room(
            3,
            [
                ("a_after", .computed { reader in reader.value(Path(cell: "many")) ?? .null }),
                ("many", .computed { reader in .bool((reader.length(Path(cell: "log")) ?? 0) > 2) }),
                ("name", .computed { reader in reader.value(Path(cell: "user").appending("name")) ?? .null }),
            ])
        func counts(_ name: String) -> [Int] { graph.counters(of: name).map { [$0.recomputed, $0.skipped] } ?? [] }
        #expect(counts("a_after") == [1, 0])
        _ = try graph.update(after: try state.apply(.push(log, [1])), state: state)
        #expect(counts("many") == [2, 1])
        #expect(counts("a_after") == [1, 0])
        _ = try graph.update(after: try state.apply(.set(log.appending(0), 5)), state: state)
        #expect(counts("many") == [2, 1])
        _ = try graph.update(after: try state.apply(.set(Path(cell: "user").appending("age"), 5)), state: state)
        #expect(counts("name") == [1, 0])
        _ = try graph.update(after: try state.apply(.set(log, [])), state: state)
        #expect(counts("a_after") == [2, 0])
        #expect(graph.values["a_after"] == false)
    }

    @Test func `that need each other are an error with their names, and leave the graph as it was`() throws {
        let chicken = DerivedRule.computed { reader in reader.value(Path(cell: "egg")) ?? .null }
        let egg = DerivedRule.computed { reader in
            reader.value(Path(cell: "switch")) == true ? reader.value(Path(cell: "chicken")) ?? .null : 1
        }
        var graph = try DerivedGraph([
            DerivedDefinition(name: "chicken", rule: chicken), DerivedDefinition(name: "egg", rule: egg),
        ])
        var state = CellState(cells: ["switch": false])
        try graph.build(on: state)
        #expect(graph.values == ["chicken": 1, "egg": 1])
        let changes = try state.apply(.set(Path(cell: "switch"), true))
        #expect(throws: DerivedError.cycle(["egg", "chicken", "egg"])) {
            try graph.update(after: changes, state: state)
        }
        #expect(graph.values == ["chicken": 1, "egg": 1])
        graph._checkInvariants()
    }

    @Test func `whose function fails are named`() throws {
        var graph = try DerivedGraph([
            DerivedDefinition(
                name: "broken",
                rule: .computed { (_) throws(DerivedFailure) -> Value in throw DerivedFailure("no", line: 3) })
        ])
        #expect(graph.rebuild(from: CellState()) == .failed(name: "broken", DerivedFailure("no", line: 3)))
    }

    @Test func `sum doubles exactly, whatever came and went before`() throws {
        var state = CellState(cells: ["log": [0.1, 1e308, 1e308]])
        var graph = try DerivedGraph([DerivedDefinition(name: "sum", rule: .sum(log, nil))])
        #expect(graph.rebuild(from: state) != nil)
        state = CellState(cells: ["log": [0.1, 1e308]])
        try graph.build(on: state)
        _ = try graph.update(after: try state.apply(.remove(log.appending(1))), state: state)
        #expect(graph.values["sum"] == .double(0.1))
        _ = try graph.update(after: try state.apply(.push(log, [0.2, 0.3, -0.6])), state: state)
        #expect(graph.values["sum"] == .double(2.7755575615628914e-17))
        _ = try graph.update(after: try state.apply(.push(log, [.int(.max), .int(.max)])), state: state)
        #expect(graph.values["sum"] == .double(0x1p64))
    }
}
