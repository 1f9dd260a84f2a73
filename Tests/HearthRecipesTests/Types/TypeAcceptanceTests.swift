import HearthRecipes
import HearthValues
import Testing

/// One line of a type's table: a value and the rule that it breaks, nil when it fits.
struct Case: CustomTestStringConvertible {
    let value: Value
    let complaint: String?

    init(_ value: Value, _ complaint: String? = nil) {
        self.value = value
        self.complaint = complaint
    }

    var testDescription: String { "\(value)" }
}

func complaint(_ type: CellType, _ value: Value) -> String? {
    do {
        _ = try type.accept(value)
        return nil
    } catch {
        return error.message
    }
}

func pattern(_ source: String) throws -> LuaPattern { try LuaPattern(source) }

func link(_ text: String) -> Value { Link(text).map { .link($0) } ?? .null }

@Suite struct `What a type accepts` {
    @Test(arguments: [
        Case("abc"), Case("héé"), Case("", "data: 0 characters, at least 1"),
        Case("abcd", "data: 4 characters, at most 3"), Case(3, "data: an integer, expected a string"),
        Case(.null, "data: null, expected a string"),
    ])
    func `a string by its characters`(line: Case) {
        #expect(complaint(.string(StringRule(min: 1, max: 3)), line.value) == line.complaint)
    }

    @Test func `a string by its Lua pattern`() throws {
        let type = CellType.string(StringRule(pattern: try pattern("^%a+$")))
        #expect(complaint(type, "abc") == nil)
        #expect(complaint(type, "a1") == #"data: "a1" does not match the pattern ^%a+$"#)
    }

    @Test(arguments: [
        Case(1), Case(5), Case(0, "data: 0, at least 1"), Case(6, "data: 6, at most 5"),
        Case(.double(2), "data: 2.0 is a float, expected an integer (math.tointeger, math.floor or // make one)"),
        Case("2", "data: a string, expected an integer"),
    ])
    func `an integer`(line: Case) {
        #expect(complaint(.integer(IntegerRule(min: 1, max: 5)), line.value) == line.complaint)
    }

    @Test(arguments: [
        Case(1), Case(.double(0.5)), Case(.double(-0.5), "data: -0.5, at least 0"), Case(9, "data: 9, at most 2.5"),
        Case(true, "data: a boolean, expected a number"),
    ])
    func `a number`(line: Case) {
        #expect(complaint(.number(NumberRule(min: 0, max: 2.5)), line.value) == line.complaint)
    }

    @Test(arguments: [Case(true), Case(false), Case(0, "data: an integer, expected a boolean")])
    func `a boolean`(line: Case) {
        #expect(complaint(.boolean(initial: nil), line.value) == line.complaint)
    }

    @Test(arguments: [
        Case("red"), Case(1), Case("blue", #"data: "blue", one of "red", 1"#),
        Case(.double(1), #"data: 1.0, one of "red", 1"#),
    ])
    func `one of an enum`(line: Case) {
        #expect(complaint(.choice(ChoiceRule(["red", 1])), line.value) == line.complaint)
    }

    @Test(arguments: [
        Case(.list([])), Case(.list([1, 2])), Case(.list([1, 2, 3]), "data: 3 elements, at most 2"),
        Case(.list([1, "x"]), "1: a string, expected an integer"),
        Case(.object([:]), "data: an object, expected a list"),
    ])
    func `a list`(line: Case) {
        #expect(complaint(.list(ListRule(.integer(IntegerRule()), max: 2)), line.value) == line.complaint)
    }

    @Test(arguments: [
        Case(.object([:])), Case(.object(["a": true])), Case(.object(["a": 1]), "a: an integer, expected a boolean"),
        Case(.object(["a": true, "b": true]), "data: 2 keys, at most 1"),
        Case(.list([]), "data: a list, expected a map"),
    ])
    func `a map`(line: Case) {
        #expect(complaint(.map(MapRule(.boolean(initial: nil), max: 1)), line.value) == line.complaint)
    }

    static let person = ObjectType([
        ("name", .string(StringRule(min: 1))), ("age", .optional(.integer(IntegerRule()))),
        ("role", .string(StringRule(initial: "guest"))),
    ])

    @Test(arguments: [
        Case(.object(["name": "Ann"])), Case(.object(["name": "Ann", "age": 3])),
        Case(.object(["name": "Ann", "age": .null])),
        Case(.object([:]), "name: missing, a string is required"),
        Case(.object(["name": ""]), "name: 0 characters, at least 1"),
        Case(.object(["name": "Ann", "agee": 3]), "agee: unknown field, did you mean age?"),
        Case("x", "data: a string, expected an object"),
    ])
    func `a closed object`(line: Case) {
        #expect(complaint(.object(Self.person), line.value) == line.complaint)
    }

    @Test func `an open object keeps what it does not name`() throws {
        let type = CellType.object(ObjectType([("a", .integer(IntegerRule()))], isOpen: true))
        #expect(try type.accept(.object(["a": 1, "b": "x"])) == .object(["a": 1, "b": "x"]))
    }

    @Test(arguments: [
        Case(link("user@s1#")), Case(link("user#/name")),
        Case(link("card.k1#"), "data: a link to card, expected a link to user"),
        Case(.object([:]), "data: an object, expected a link to user"),
    ])
    func `a link to a cell`(line: Case) {
        #expect(complaint(.link(cell: "user"), line.value) == line.complaint)
    }

    @Test func `a link where a value belongs says what would be right`() {
        #expect(
            complaint(.object(Self.person), link("user@s#"))
                == "data: a link to user@s#, expected an object (:snapshot() stores a copy, t.link declares a link)")
    }

    @Test func `the path leads through lists and objects`() {
        let type = CellType.object(ObjectType([("items", .list(ListRule(.object(Self.person))))]))
        let data = Value.object(["items": .list([.object(["name": "a"]), .object(["name": ""])])])
        #expect(complaint(type, data) == "items/1/name: 0 characters, at least 1")
    }

    @Test func `defaults fill in what was left out`() throws {
        let filled = try CellType.object(Self.person).accept(.object(["name": "Ann", "age": .null]))
        #expect(filled == .object(["name": "Ann", "role": "guest"]))
    }
}

@Suite struct `What a cell holds at first` {
    @Test func `defaults, else what is nearest to nothing`() throws {
        #expect(CellType.string(StringRule(initial: "x")).initial == "x")
        #expect(CellType.string(StringRule()).initial == "")
        #expect(CellType.string(StringRule(min: 1)).initial == nil)
        #expect(CellType.integer(IntegerRule()).initial == 0)
        #expect(CellType.integer(IntegerRule(min: 3)).initial == 3)
        #expect(CellType.boolean(initial: nil).initial == false)
        #expect(CellType.choice(ChoiceRule(["lobby", "play"])).initial == "lobby")
        #expect(CellType.list(ListRule(.any)).initial == .list([]))
        #expect(CellType.map(MapRule(.any)).initial == .object([:]))
        #expect(CellType.object(`What a type accepts`.person).initial == .object(["role": "guest"]))
        #expect(CellType.optional(.integer(IntegerRule())).initial == nil)
        #expect(CellType.link(cell: nil).initial == nil)
    }
}

@Suite struct `A type as JSON Schema` {
    @Test func `says what must be given and what may be`() {
        let schema = CellType.object(`What a type accepts`.person).jsonSchema
        #expect(
            JSON.text(schema) == """
                {"additionalProperties":false,"properties":{"age":{"type":"integer"},"name":{"minLength":1,"type":"string"},\
                "role":{"default":"guest","type":"string"}},"required":["name"],"type":"object"}
                """)
    }

    @Test func `publishes a link by its shape`() {
        #expect(
            JSON.text(CellType.link(cell: "user").jsonSchema) == """
                {"additionalProperties":false,"properties":{"$ref":{"type":"string"}},"required":["$ref"],"type":"object",\
                "x-link":"user"}
                """)
    }
}
