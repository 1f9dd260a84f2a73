import HearthValues
import Testing

@Suite struct `A list` {
    @Test(arguments: Seed.some(4))
    func `behaves like an array under random changes, and its copies never change`(seed: Seed) {
        var random = seed.random
        var list = List()
        var model: [Value] = []
        var kept: [(List, [Value])] = []
        for step in 0..<3000 {
            let value = Value.int(Int64(step))
            // Grows first, shrinks later, so that nodes are both split and joined.
            let kind = random.next(below: 10) + (step > 1800 ? 3 : 0)
            switch kind {
            case 0...2: (list.append(value), model.append(value)).0
            case 3...5:
                let index = random.next(below: model.count + 1)
                list.insert(value, at: index)
                model.insert(value, at: index)
            case 6 where !model.isEmpty:
                let index = random.next(below: model.count)
                list[index] = value
                model[index] = value
            case 7 where step % 10 == 0: kept.append((list, model))
            case 8... where !model.isEmpty:
                let index = kind == 11 ? model.count - 1 : random.next(below: model.count)
                #expect(list.remove(at: index) == model.remove(at: index))
            default: break
            }
            if step % 50 == 0 { expectSame(list, model) }
        }
        expectSame(list, model)
        for (list, model) in kept { expectSame(list, model) }
    }

    @Test(arguments: [0, 1, 31, 32, 33, 64, 65, 1023, 1024, 1025, 1056, 3000])
    func `is the same built at once and value by value`(count: Int) {
        let values = (0..<count).map { Value.int(Int64($0)) }
        var grown = List()
        for value in values { grown.append(value) }
        expectSame(List(values), values)
        expectSame(grown, values)
        #expect(grown == List(values))
        #expect(grown.hashValue == List(values).hashValue)
        while let last = grown.last {
            #expect(grown.remove(at: 0) == values[count - grown.count - 1])
            if grown.count % 97 == 0 { grown._checkInvariants() }
            if grown.isEmpty { #expect(last == values[count - 1]) }
        }
    }

    @Test(arguments: [1, 20, 100, 1000, 5000], [1, 3, 15, 16, 17, 40, 100])
    func `moves along without those who looked at it noticing`(size: Int, step: Int) {
        var values = (0..<size).map { Value.int(Int64($0)) }
        var list = List(values)
        for _ in 0..<60 {
            let (before, copy) = (values, list)
            list.removeFirst(min(step, size))
            list.append(contentsOf: (0..<min(step, size)).map { Value.int(Int64($0)) })
            values = values.dropFirst(min(step, size)) + (0..<min(step, size)).map { Value.int(Int64($0)) }
            expectSame(list, values)
            expectSame(copy, before)
            #expect(list == List(values))
            #expect(list.commonPrefix(with: copy) == zip(values, before).prefix { $0 == $1 }.count)
            #expect(JSON.text(.list(list)) == JSON.text(.list(List(values))))
        }
        list.insert(.null, at: 0)
        list[0] = true
        #expect(list.remove(at: 0) == true)
        list.removeFirst(size)
        #expect(list.isEmpty)
    }

    @Test(arguments: [0, 1, 4, 5, 31, 32, 33, 64, 70, 1100], [0, 1, 15, 16, 40])
    func `is written as its elements are, wherever they lie`(size: Int, gone: Int) {
        // Texts in place and on the heap, by themselves and in objects of one leaf and of several.
        let values = (0..<size).map { number -> Value in
            let text = Value.string(String(repeating: "a text with a \" ", count: number % 7) + String(number))
            switch number % 4 {
            case 0: return text
            case 1: return .object(["author": .string("somebody"), "at": .int(Int64(number)), "text": text])
            case 2: return .object(Object((0..<40).map { ("key \($0)", $0 % 2 == 0 ? text : .list([text])) }))
            default: return .list([text, .null, .object([:])])
            }
        }
        var list = List(values.prefix(size / 2))
        for value in values.dropFirst(size / 2) { list.append(value) }
        list.removeFirst(min(gone, size))
        let texts = values.dropFirst(gone).map { JSON.text($0) }
        #expect(JSON.text(.list(list)) == "[" + texts.joined(separator: ",") + "]")
        var visited: [String] = []
        list.forEachLent { visited.append(JSON.text($0.element)) }
        #expect(visited == texts)
    }

    @Test(arguments: [0, 1, 3, 4, 5, 31, 32, 33, 40, 100])
    func `goes on from one version in several ways`(count: Int) {
        var trunk: (List, [Value]) = ([], [])
        for number in 0..<count { trunk = grown(trunk, Value.int(Int64(number))) }
        var branches = (0..<4).map { grown(trunk, .string("branch \($0)")) }
        for number in 0..<70 {
            for index in branches.indices { branches[index] = grown(branches[index], .int(Int64(index * number))) }
        }
        expectSame(trunk.0, trunk.1)
        for (index, branch) in branches.enumerated() {
            expectSame(branch.0, branch.1)
            #expect(branch.0.commonPrefix(with: trunk.0) == count)
            for start in stride(from: 0, through: branch.1.count, by: 7) {
                #expect(Array(branch.0[start...]) == Array(branch.1[start...]))
                #expect(Array(branch.0[..<start]) == Array(branch.1[..<start]))
            }
            var (list, model) = branch
            list[index] = true
            model[index] = true
            expectSame(list, model)
            #expect(list.remove(at: list.count - 1) == model.removeLast())
            expectSame(grown((list, model), false).0, model + [false])
            expectSame(branch.0, branch.1)
        }
    }

    @Test(arguments: [0, 2, 4, 30])
    func `is gone on from by many threads at once`(count: Int) async {
        for round in 0..<50 {
            var trunk = List()
            for number in 0..<count { trunk.append(.int(Int64(number))) }
            let start = trunk
            let branches = await withTaskGroup(of: (Int, List).self) { group in
                for branch in 0..<4 {
                    group.addTask {
                        var list = start
                        for number in 0..<40 { list.append(.string("\(round) \(branch) \(number)")) }
                        return (branch, list)
                    }
                }
                return await group.reduce(into: []) { $0.append($1) }
            }
            for (branch, list) in branches {
                let own = (0..<40).map { Value.string("\(round) \(branch) \($0)") }
                expectSame(list, (0..<count).map { .int(Int64($0)) } + own)
            }
            expectSame(start, (0..<count).map { .int(Int64($0)) })
        }
    }

    private func grown(_ version: (List, [Value]), _ value: Value) -> (List, [Value]) {
        var list = version.0
        list.append(value)
        return (list, version.1 + [value])
    }

    @Test func `is equal to a list of the same values in another shape`() {
        let values = (0..<500).map { Value.int(Int64($0)) }
        var backwards = List()
        for value in values.reversed() { backwards.insert(value, at: 0) }
        backwards._checkInvariants()
        #expect(backwards == List(values))
        #expect(backwards.hashValue == List(values).hashValue)
        backwards[499] = .null
        #expect(backwards != List(values))
        #expect(backwards.commonPrefix(with: List(values)) == 499)
    }

    @Test func `iterates any part of itself`() {
        let values = (0..<2000).map { Value.int(Int64($0)) }
        let list = List(values)
        for start in stride(from: 0, through: 2000, by: 125) {
            #expect(Array(list[start...]) == Array(values[start...]))
            #expect(Array(list.suffix(2000 - start).prefix(40)) == Array(values[start...].prefix(40)))
        }
        #expect(list[10..<20][12...].map(\.int) == Array(12..<20))
    }

    @Test func `changes a nested list in place`() {
        var list: List = [["a"], []]
        list.withElement(at: 1) { value in
            guard case .list(var inner) = value else { return }
            value = .null
            inner.append("b")
            value = .list(inner)
        }
        #expect(list == [["a"], ["b"]])
    }

    @Test func `of a million takes a push for about what a list of a hundred takes`() {
        var short = List((0..<100).map { Value.int($0) })
        var long = List((0..<1_000_000).map { Value.int($0) })
        var ratio = Double.infinity
        for _ in 0..<8 where ratio > 4 {
            let one = timeOfPushes(&short)
            ratio = min(ratio, timeOfPushes(&long) / one)
        }
        #expect(ratio < 12, "a push to a million costs \(ratio) times a push to a hundred")
    }

    /// Pushes with a copy alive, as a room does: every push finds the list shared.
    private func timeOfPushes(_ list: inout List) -> Double {
        let start = ContinuousClock.now
        for number in 0..<200 {
            let copy = list
            list.append(.int(Int64(number)))
            if copy.count >= list.count { Issue.record("the copy grew") }
        }
        return (ContinuousClock.now - start) / .seconds(1)
    }

    private func expectSame(_ list: List, _ model: [Value]) {
        list._checkInvariants()
        #expect(list.count == model.count)
        #expect(Array(list) == model)
        #expect(list.indices.allSatisfy { list[$0] == model[$0] })
    }
}
