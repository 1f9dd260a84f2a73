import HearthValues
import Testing

@Suite struct `An object` {
    @Test(arguments: Seed.some(4))
    func `behaves like a dictionary under random changes, and its copies never change`(seed: Seed) {
        var random = seed.random
        var object = Object()
        var model: [String: Value] = [:]
        var kept: [(Object, [String: Value])] = []
        for step in 0..<3000 {
            let key = "key \(random.next(below: 700))"
            let value = Value.int(Int64(step))
            switch random.next(below: 10) + (step > 2000 ? 4 : 0) {
            case 0...4:
                object[key] = value
                model[key] = value
            case 5, 6:
                #expect(object[key] == model[key])
                object.withValue(forKey: key) { $0 = $0.map { .list([$0]) } ?? value }
                model[key] = model[key].map { .list([$0]) } ?? value
            case 7: if step % 9 == 0 { kept.append((object, model)) }
            case 8: object.withValue(forKey: key) { $0 = nil }; model[key] = nil
            case 9, 10: object[key] = nil; model[key] = nil
            default: #expect(object.removeValue(forKey: key) == model.removeValue(forKey: key))
            }
            if step % 100 == 0 { expectSame(object, model) }
        }
        expectSame(object, model)
        for (object, model) in kept { expectSame(object, model) }
    }

    @Test(arguments: Seed.some(2))
    func `is the same in whatever order its keys came`(seed: Seed) {
        var random = seed.random
        let entries = (0..<400).map { (key: "\($0)", value: Value.int(Int64($0))) }
        var object = Object()
        for entry in entries.shuffled(using: &random) { object[entry.key] = entry.value }
        let built = Object(entries.shuffled(using: &random))
        object._checkInvariants()
        #expect(object == built)
        #expect(object.hashValue == built.hashValue)
        #expect(JSON.bytes(.object(object)) == JSON.bytes(.object(built)))
    }

    @Test func `keeps the last of two values of one key`() {
        let object = Object([(key: "b", value: 1), (key: "a", value: 2), (key: "b", value: 3)])
        #expect(object == ["a": 2, "b": 3])
        #expect(object.count == 2)
    }

    @Test func `tells keys apart by their bytes and sorts by them`() {
        let object: Object = ["é": 1, "e\u{301}": 2, "z": 3, "": 4, "😀": 5, "\u{FFFD}": 6]
        #expect(object.count == 6)
        #expect(object["é"] == 1)
        #expect(object["e\u{301}"] == 2)
        let keys = Array(object.keys)
        #expect(keys.map { Array($0.utf8) } == ["", "e\u{301}", "z", "é", "\u{FFFD}", "😀"].map { Array($0.utf8) })
    }

    @Test func `keeps what a failing change left`() {
        struct Failure: Error {}
        var object: Object = ["a": 1]
        #expect(throws: Failure.self) {
            try object.withValue(forKey: "a") { (value: inout Value?) throws(Failure) in
                value = 2
                throw Failure()
            }
        }
        #expect(object == ["a": 2])
    }

    @Test(arguments: [[], [0], [2, 0], [1, 2, 0], [1, 1]])
    func `is made of the keys of a draft that were given a value`(places: [Int]) {
        let keys = ["a", "b", "c"]
        let blank = ObjectDraft(ascending: keys)
        var draft = blank
        var expected = Object()
        for (number, place) in places.enumerated() {
            draft.set(.int(Int64(number)), at: place)
            expected[keys[place]] = .int(Int64(number))
        }
        for place in keys.indices { #expect(draft.hasValue(at: place) == places.contains(place)) }
        let object = draft.object()
        object._checkInvariants()
        #expect(object == expected)
        #expect(blank.object().isEmpty)
    }

    @Test func `gives its entries by position`() {
        let object = Object((100..<200).map { (key: "\($0)", value: Value.int(Int64($0))) })
        #expect((0..<100).allSatisfy { object.entry(at: $0).key == "\(100 + $0)" })
    }

    private func expectSame(_ object: Object, _ model: [String: Value]) {
        object._checkInvariants()
        #expect(object.count == model.count)
        #expect(Array(object.keys) == model.keys.sorted { $0.precedesByBytes($1) })
        #expect(object.allSatisfy { model[$0.key] == $0.value })
        #expect(model.allSatisfy { object[$0.key] == $0.value })
    }
}
