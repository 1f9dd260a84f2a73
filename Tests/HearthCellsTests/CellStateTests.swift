import HearthCells
import HearthValues
import Testing

@Suite struct `Cells` {
    /// Values are compared up to what a gone element is followed by in a link: the model does not keep that.
    private func comparable(_ value: Value) -> Value {
        switch value {
        case .list(let list): return .list(List(list.map(comparable)))
        case .object(let object): return .object(Object(object.map { (key: $0.key, value: comparable($0.value)) }))
        case .link(let link):
            guard let gone = link.pointer.tokens.firstIndex(of: "-") else { return value }
            return .link(Link(cell: link.cell, pointer: Pointer(tokens: Array(link.pointer.tokens[...gone]))))
        default: return value
        }
    }

    @Test(arguments: Seed.some(4))
    func `behave like plain copies whose elements have names`(seed: Seed) throws {
        var writes = RandomWrites(random: seed.random)
        var state = CellState(cells: RandomWrites.start)
        var plain = PlainCells(RandomWrites.start)
        for _ in 0..<250 {
            let write = writes.write(in: state)
            let before = state
            let fits = plain.apply(write)
            var changes: [Change] = []
            do {
                changes = try state.apply(write)
                #expect(fits, "\(seed): \(write) should not fit")
            } catch {
                #expect(!fits, "\(seed): \(write): \(error.message)")
                #expect(state == before, "\(seed): a refused write left a trace")
            }
            let difference = Patch.diff(from: comparable(.object(plain.object)), to: comparable(.object(state.cells)))
            try #require(difference.isEmpty, "\(seed): \(write) on \(JSON.text(.object(before.cells)))")
            #expect(state.linkCounts == plain.linkCounts, "\(seed): \(write)")
            state._checkInvariants()
            var patched = Value.object(before.cells)
            try Patch(operations: state.patchOperations(for: changes)).apply(to: &patched)
            #expect(patched == .object(state.cells), "\(seed): the patch of \(write)")
            var replayed = before
            for change in changes.prefix(1) { _ = try replayed.apply(change.write) }
            #expect(replayed == state, "\(seed): replay of \(write)")
        }
    }

    @Test func `name an element by a link while others come and go`() throws {
        let log = Path(cell: "log")
        var state = CellState(cells: ["log": ["a", "b", "c"], "pin": .link(log.appending(1).link)])
        let pin = Path(cell: "pin")
        var changes = try state.apply(.insert(log, at: 0, "z"))
        #expect(state.patchOperations(for: changes).count == 2)
        #expect(state.resolve(pin).value == "b")
        changes = try state.apply(.push(log, ["d"]))
        #expect(changes.count == 1)
        try _ = state.apply(.remove(log.appending(0)))
        #expect(state.resolve(pin).value == "b")
        try _ = state.apply(.remove(log.appending(1)))
        #expect(state.resolve(pin).value == nil)
        try _ = state.apply(.insert(log, at: 0, "again"))
        #expect(state.resolve(pin).outcome == .missing)
    }

    @Test func `are followed through links, with each hop told`() {
        let state = CellState(cells: [
            "a": ["next": .link(Link(cell: "b", pointer: Pointer()))],
            "b": .link(Link(cell: "c", pointer: Pointer(tokens: ["x"]))),
            "c": ["x": ["y": 1]],
            "round": .link(Link(cell: "trip", pointer: Pointer())),
            "trip": .link(Link(cell: "round", pointer: Pointer())),
        ])
        let found = state.resolve(Path(cell: "a").appending("next").appending("y"))
        #expect(found.value == 1)
        #expect(found.path == Path(cell: "c").appending("x").appending("y"))
        #expect(found.hops == [Path(cell: "a").appending("next"), Path(cell: "b")])
        #expect(state.resolve(Path(cell: "round")).outcome == .cycle)
        #expect(state.resolve(Path(cell: "nobody")).outcome == .missing)
    }

    @Test func `that lose their last link are told once`() throws {
        var state = CellState()
        let first = Path(cell: "first")
        try _ = state.apply(.set(Path(cell: "card.1"), ["t": 1]))
        try _ = state.apply(.set(first, .link(Link(cell: "card.1", pointer: Pointer()))))
        #expect(state.takeUnlinked() == ["first"])
        try _ = state.apply(.set(Path(cell: "second"), .link(Link(cell: "card.1", pointer: Pointer()))))
        try _ = state.apply(.set(first, 1))
        #expect(state.takeUnlinked() == ["second"])
        try _ = state.apply(.remove(Path(cell: "second")))
        #expect(state.takeUnlinked() == ["card.1"])
        #expect(state.takeUnlinked().isEmpty)
    }
}
