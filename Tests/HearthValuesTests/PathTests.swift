import HearthValues
import Testing

@Suite struct `A pointer` {
    @Test(arguments: [
        ("", []), ("/", [""]), ("/foo/0", ["foo", "0"]), ("/a~1b", ["a/b"]), ("/m~0n", ["m~n"]), ("/~01", ["~1"]),
        ("//", ["", ""]), ("/ ", [" "]), ("/é", ["é"]),
    ])
    func `is read and written as RFC 6901 says`(text: String, tokens: [String]) throws {
        #expect(try Array(Pointer(parsing: text).tokens) == tokens)
        #expect(Pointer(tokens: tokens).description == text)
    }

    @Test(arguments: ["a", "a/b", "/~", "/~2", "/a~", "#/a"])
    func `of another form is refused`(text: String) {
        #expect(throws: PointerError.self) { try Pointer(parsing: text) }
    }

    @Test func `takes list indices without leading zeros only`() {
        #expect(Pointer.index("0") == 0)
        #expect(Pointer.index("120") == 120)
        for text in ["", "00", "01", "-1", "+1", "1e0", "-", " 1", "9999999999999999999999"] {
            #expect(Pointer.index(text) == nil)
        }
    }

    @Test func `differs from one whose tokens differ in bytes`() {
        #expect(Pointer(tokens: ["é"]) != Pointer(tokens: ["e\u{301}"]))
        #expect(Pointer(tokens: ["a"]).isPrefix(of: Pointer(tokens: ["a", "b"])))
        #expect(!Pointer(tokens: ["a", "b"]).isPrefix(of: Pointer(tokens: ["a"])))
    }
}

@Suite struct `A path` {
    @Test func `is a pointer from the cells and a link from the cell`() {
        let path = Path(cell: "messages", steps: [.index(3), .key("a/b")])
        #expect(path.pointer.description == "/messages/3/a~1b")
        #expect(path.link.text == "messages#/3/a~1b")
        #expect(path.appending("x").appending(1).steps.count == 4)
    }

    @Test func `overlaps what is above and below it`() {
        let path = Path(cell: "a", steps: [.key("b")])
        #expect(path.overlaps(Path(cell: "a")))
        #expect(path.overlaps(path.appending(1)))
        #expect(!path.overlaps(Path(cell: "a", steps: [.key("c")])))
        #expect(!path.overlaps(Path(cell: "b")))
    }
}

@Suite struct `A link` {
    @Test(arguments: [("a#", "a", ""), ("a@u:me#/b/0", "a@u:me", "/b/0"), ("a.k1#/x#y", "a.k1", "/x#y")])
    func `names a cell and a place in it`(text: String, cell: String, pointer: String) throws {
        let link = try #require(Link(text))
        #expect(link.cell == cell)
        #expect(link.pointer.description == pointer)
        #expect(Link(cell: cell, pointer: link.pointer) == link)
    }

    @Test(arguments: ["", "a", "#", "#/a", "A#", "a#b", "a#/~", "a@#", "a@u:#"])
    func `of another form is none`(text: String) { #expect(Link(text) == nil) }
}

@Suite struct `A cell id` {
    @Test(arguments: [
        ("votes", CellID.Owner.room), ("votes@s1", .session("s1")),
        ("votes@u:ann@example.org", .user("ann@example.org")),
        ("votes.k", .key("k")), ("votes.k.l@m", .key("k.l@m")),
    ])
    func `tells its name and its owner`(id: String, owner: CellID.Owner) {
        #expect(CellID.isValid(id))
        #expect(CellID.name(of: id) == "votes")
        #expect(CellID.isNamed(id, "votes"))
        for other in ["", "vote", "votes@", "votes.k", "votes@s1.k", "votess"] { #expect(!CellID.isNamed(id, other)) }
        #expect(CellID.owner(of: id) == owner)
    }

    @Test func `is made from a name and an owner`() {
        #expect(CellID.session("a", "s") == "a@s")
        #expect(CellID.user("a", "u") == "a@u:u")
        #expect(CellID.made("a", "k") == "a.k")
        let odd = CellID.user("a", "x#y%\n")
        #expect(CellID.isValid(odd))
        #expect(CellID.owner(of: odd) == .user("x#y%\n"))
    }

    @Test(arguments: ["", "A", "1a", "_a", "a-b", "é", "a@", "a.", "a#b", "a b", "a@u:", "a@s\n", "@s", ".k"])
    func `of another form is refused`(id: String) { #expect(!CellID.isValid(id)) }

    @Test func `has a name of at most 64 bytes`() {
        #expect(CellID.isName(String(repeating: "a", count: 64)))
        #expect(!CellID.isName(String(repeating: "a", count: 65)))
        #expect(!CellID.isValid(String(repeating: "a", count: 65) + "@s"))
        #expect(!CellID.isName("a@s"))
    }
}

@Suite struct `A seeded generator` {
    @Test func `gives the numbers of the published algorithm`() {
        var random = SeededRandom(seed: 0)
        #expect(random.next() == 0x99EC_5F36_CB75_F2B4)
        #expect(random.next() == 0xBF6E_1F78_4956_452A)
    }

    @Test func `gives the same for the same seed and stays in bounds`() {
        var (one, two) = (SeededRandom(seed: 7), SeededRandom(seed: 7))
        #expect((0..<100).allSatisfy { _ in one.next() == two.next() })
        #expect(one == two)
        #expect((0..<1000).allSatisfy { _ in (0..<3).contains(one.next(below: 3)) })
        #expect((0..<1000).allSatisfy { _ in (0..<1).contains(one.unit()) })
    }

    @Test func `makes ids of twenty letters and digits`() {
        var random = SeededRandom(seed: 1)
        let ids = Set((0..<500).map { _ in Identifier.make(from: &random) })
        #expect(ids.count == 500)
        let alphabet = Set("abcdefghijklmnopqrstuvwxyz0123456789")
        #expect(ids.allSatisfy { $0.utf8.count == 20 && alphabet.isSuperset(of: $0) })
    }
}
