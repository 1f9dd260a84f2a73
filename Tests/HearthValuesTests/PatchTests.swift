import HearthValues
import Testing

@Suite struct `A patch` {
    @Test(arguments: Seed.some(8))
    func `made from two values turns one into the other`(seed: Seed) throws {
        var random = seed.random
        for _ in 0..<100 {
            let from = random.value()
            let to = random.next(below: 3) == 0 ? random.value() : changed(from, &random)
            let patch = Patch(operations: Patch.diff(from: from, to: to))
            var value = from
            try patch.apply(to: &value)
            #expect(value == to)
            #expect(patch.isEmpty == (from == to))
            #expect(try Patch(json: patch.json) == patch)
            var sink = ByteSink()
            patch.write(into: &sink)
            #expect(sink.bytes == JSON.bytes(patch.json))
            #expect(try Patch(json: try JSON.parse(sink.bytes, links: .parsed)) == patch)
        }
    }

    @Test(arguments: Seed.some(4))
    func `made below a pointer applies to the whole`(seed: Seed) throws {
        var random = seed.random
        for _ in 0..<50 {
            let (from, to) = (random.value(), random.value())
            var whole: Value = ["cell": from]
            let pointer = Pointer(tokens: ["cell"])
            try Patch(operations: Patch.diff(from: from, to: to, at: pointer)).apply(to: &whole)
            #expect(whole == ["cell": to])
        }
    }

    @Test func `made from a long list and one push is one operation`() {
        let from = List((0..<5000).map { Value.int($0) })
        var to = from
        to.append("new")
        #expect(Patch.diff(from: .list(from), to: .list(to)) == [.add(Pointer(tokens: ["-"]), "new")])
        to = from
        to.remove(at: 2500)
        #expect(Patch.diff(from: .list(from), to: .list(to)) == [.remove(Pointer(tokens: ["2500"]))])
    }

    @Test(arguments: Seed.some(4))
    func `that fails leaves the value as it was`(seed: Seed) {
        var random = seed.random
        for _ in 0..<100 {
            let before = random.value()
            var value = before
            var operations = Patch.diff(from: before, to: changed(before, &random))
            let nowhere = PatchOperation.remove(Pointer(tokens: ["no", "such", "place"]))
            operations.insert(nowhere, at: random.next(below: operations.count + 1))
            #expect(throws: PatchError.self) { try Patch(operations: operations).apply(to: &value) }
            #expect(value == before)
        }
    }

    @Test func `says which operation failed and why`() {
        var value: Value = ["a": [1]]
        let patch = Patch(operations: [.test(Pointer(tokens: ["a", "0"]), 1), .add(Pointer(tokens: ["a", "01"]), 2)])
        let error = #expect(throws: PatchError.self) { try patch.apply(to: &value) }
        #expect(error?.message == "operation 1: \"01\" in \"/a/01\" is not an index of the list there")
    }

    /// The value with a few changes somewhere inside.
    private func changed(_ value: Value, _ random: inout SeededRandom) -> Value {
        switch value {
        case .object(var object):
            for _ in 0..<random.next(below: 3) {
                let key = random.key()
                object[key] = random.next(below: 2) == 0 ? nil : random.value(depth: 1)
            }
            if !object.isEmpty {
                let key = object.entry(at: random.next(below: object.count)).key
                object[key] = object[key].map { changed($0, &random) }
            }
            return .object(object)
        case .list(var list):
            if random.next(below: 2) == 0 {
                list.insert(random.value(depth: 1), at: random.next(below: list.count + 1))
            }
            if random.next(below: 2) == 0, !list.isEmpty { list.remove(at: random.next(below: list.count)) }
            if !list.isEmpty {
                let index = random.next(below: list.count)
                list[index] = changed(list[index], &random)
            }
            return .list(list)
        default: return random.next(below: 2) == 0 ? value : random.value(depth: 1)
        }
    }
}
