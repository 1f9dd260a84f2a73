import HearthValues
import Testing

@Suite struct `A value` {
    @Test func `fits two words and a tag`() {
        #expect(MemoryLayout<Value>.stride <= 24)
        #expect(MemoryLayout<List>.size <= 18)
    }

    @Test func `is equal only to what writes the same bytes`() {
        #expect(Value.int(1) != .double(1))
        #expect(Value.double(0) != .double(-0.0))
        #expect(Value.string("é") != .string("e\u{301}"))
        #expect(Value.list([]) != .object([:]))
        #expect(Value.null != .bool(false))
    }

    @Test(arguments: Seed.some(3))
    func `is equal to another exactly when their texts are equal`(seed: Seed) {
        var random = seed.random
        let values = (0..<60).map { _ in random.value(depth: 2) }
        for left in values {
            for right in values {
                #expect((left == right) == (JSON.bytes(left) == JSON.bytes(right)))
                if left == right { #expect(left.hashValue == right.hashValue) }
            }
        }
    }

    @Test func `is equivalent to another number of the same size`() {
        #expect(Value.int(1).isEquivalent(to: .double(1)))
        #expect(Value.double(-0.0).isEquivalent(to: .double(0)))
        #expect(!Value.int(.max).isEquivalent(to: .double(0x1p63)))
        #expect((["a": [1, 2.0]] as Value).isEquivalent(to: ["a": [1.0, 2]]))
        #expect(!(["a": 1] as Value).isEquivalent(to: ["b": 1]))
    }

    @Test func `tells whether there is a link in it`() throws {
        let link = Value.link(try #require(Link("a#")))
        let wide = Object((0..<100).map { (key: "k\($0)", value: $0 == 70 ? link : .int(Int64($0))) })
        for linked: Value in [link, ["a": [1, link]], [[], ["b": link]], .object(wide)] { #expect(linked.holdsLink) }
        for plain: Value in [.null, "a#", 1, [], [:], ["a": ["$ref": "a#"], "b": [1, [2]]]] {
            #expect(!plain.holdsLink)
        }
    }

    @Test func `is read at a pointer`() throws {
        let value: Value = ["a/b": [1, ["c": "found"]]]
        #expect(value.value(at: try Pointer(parsing: "/a~1b/1/c")) == "found")
        #expect(value.value(at: try Pointer(parsing: "/a~1b/2")) == nil)
        #expect(value.value(at: try Pointer(parsing: "/a~1b/-")) == nil)
        #expect(value.value(at: try Pointer(parsing: "/a~1b/0/x")) == nil)
        #expect(value.value(at: Pointer()) == value)
    }
}
