import HearthValues
import Testing

@Suite struct `A change` {
    @Test(arguments: [20, 2000])
    func `to a list that is not shared happens in place`(count: Int) {
        var list = List((0..<count).map { Value.int(Int64($0)) })
        list[0] = "ours from now on"
        let address = list._address
        for index in 0..<count { list[index] = .null }
        list.withElement(at: 1) { $0 = 1 }
        list.remove(at: 3)
        list.insert(3, at: 3)
        #expect(list._address == address)
        let copy = list
        list[0] = 0
        #expect(list._address != address)
        #expect(copy._address == address)
    }

    @Test(arguments: [20, 2000])
    func `to an object that is not shared happens in place`(count: Int) {
        var object = Object((0..<count).map { (key: "\($0)", value: Value.int(Int64($0))) })
        object["0"] = "ours from now on"
        let address = object._address
        for index in 0..<count { object["\(index)"] = .null }
        object.withValue(forKey: "1") { $0 = 1 }
        #expect(object._address == address)
        let copy = object
        object["0"] = 0
        #expect(object._address != address)
        #expect(copy._address == address)
    }

    @Test func `to a list inside objects happens in place`() throws {
        var value: Value = ["a": ["b": .list(List((0..<2000).map { .int($0) }))]]
        let pointer = Pointer(tokens: ["a", "b"])
        let push = Patch(operations: [.add(Pointer(tokens: ["a", "b", "5"]), 1)])
        try push.apply(to: &value)
        let address = try #require(value.value(at: pointer)?.list?._address)
        for _ in 0..<10 { try push.apply(to: &value) }
        try Patch(operations: [.replace(Pointer(tokens: ["a", "b", "7"]), 2)]).apply(to: &value)
        #expect(value.value(at: pointer)?.list?._address == address)
    }
}
