import Testing

@testable import HearthLuaSyntax

@Suite("The Lua parser agrees with Lua's own compiler")
struct LuaParserTests {
    @Test func `there is Lua to compare on`() {
        #expect(Corpus.files.count > 20)
    }

    /// Equal byte code, with every function on its lines: nothing was lost, and every name and operator went where
    /// Lua puts it.
    @Test(arguments: Corpus.files + [.init(path: "everything", text: Array(Corpus.everything.utf8))])
    func `what it read compiles to the same code`(file: Corpus.File) throws {
        let compiler = try #require(LuaCompiler())
        guard case .code(let code) = compiler.compile(file.text) else {
            // Tests hold Lua that is wrong on purpose.
            #expect(throws: LuaSyntaxError.self) { try LuaChunk(bytes: file.text) }
            return
        }
        let printed = SourcePrinter(try LuaChunk(bytes: file.text)).text
        switch compiler.compile(Array(printed.utf8)) {
        case .code(let again): #expect(code == again, "\(printed)")
        case .refusal(let message): Issue.record("\(message)\n\(printed)")
        }
    }

    @Test(arguments: [
        "x = ", "x = 1 1", "f(", "return return", "return 1 x = 2", "local x <weird> = 1", "local x <const> = 1 x = 2",
        "break", "while true do break", "goto nowhere", "goto a local x ::a:: print(x)", "::a:: ::a::",
        "do goto a end local x ::a::", "do ::a:: end goto a", "goto a do local x ::a:: end",
        "local a <close>, b <close> = 1, 2", "(f) = 1", "f() = 1", "a.b:c = 1", "a:b", "(a).b = 1", "x, y", "'a\nb'",
        "\"\\300\"", "\"\\xG1\"", "\"\\u{110000000}\"", "\"\\u{7FFFFFFF}\"", "3x", "0x", "0xep1", "1e", "1..2", "3..2",
        "0x1p", "[==[ x ]=]", "x = [=x", "--[[ x", "-- x", "$", "\u{e4} = 1", "x = ~= 1", "function() end",
        "function a.b.c:d.e() end", "local function a.b() end", "for x do end", "for x, y = 1, 2 do end",
        "for x = 1 do end", "for 1 = 2, 3 do end", "repeat local x until x", "repeat goto a local x ::a:: until x",
        "function f(a, ..., b) end", "function f() return ... end", "return ...", "if x then else elseif y then end",
        "f{}.x = 1", "f'x':y()", "a.b.c()", "a = b\n(c)()", ";;;", "", "#!/bin/lua", "return", "return;", "return;;",
        "x = {1,,2}", "x = {;}", "x = {[1] 2}", "x = {a.b = 1}", "x = -", "x = not", "x = a and", "x = 'a' 'b'",
        "x = 1 = 2", "local x = x", "local function f() return f end", "goto continue ::continue::",
        "do goto x; local a; ::x:: ; ::y:: end", "local goto = 1", "goto = 1", "x.end = 1", "x.y.z = 1, 2",
        "x = 0x.p1", "x = .e1", "x = 5.e+", "local x <const> = 1; function x() end", "for i = 1, 2 do i = 3 end",
        "while 1 do local function g() break end end", "x = function(self) end", "a:b{}:c''", "x = a.b:c",
    ])
    func `takes what Lua takes and refuses what it refuses`(text: String) throws {
        let compiler = try #require(LuaCompiler())
        try compare(Array(text.utf8), with: compiler)
    }

    private func compare(_ text: [UInt8], with compiler: LuaCompiler) throws {
        var ours: LuaSyntaxError?
        do { _ = try LuaChunk(bytes: text) } catch { ours = error }
        if ours?.cause == .tooDeep { return }
        let shown = String(decoding: text, as: UTF8.self)
        switch compiler.compile(text) {
        case .code: #expect(ours == nil, "Lua takes it: \(shown)")
        case .refusal(let message):
            if message.contains("registers") || message.contains("too many") || message.contains("too long") { return }
            #expect(ours != nil, "Lua says \(message): \(shown)")
        }
    }

    @Test(arguments: [UInt64(1), 2, UInt64.random(in: 3...UInt64.max)])
    func `agrees on texts with words lost, doubled, swapped and put in`(seed: UInt64) throws {
        let compiler = try #require(LuaCompiler())
        var random = SplitMix(seed)
        let texts = Corpus.files.filter { $0.text.count < 6_000 }.map(\.text) + [Array(Corpus.everything.utf8)]
        for _ in 0..<250 {
            guard let text = texts.randomElement(using: &random) else { continue }
            var words = Self.words(of: text)
            for _ in 0..<Int.random(in: 1...3, using: &random) { Self.mutate(&words, with: &random) }
            try compare(Array(words.joined()), with: compiler)
        }
    }

    /// The tokens, each with the blanks before it.
    private static func words(of text: [UInt8]) -> [[UInt8]] {
        var lexer = Lexer(text)
        var words: [[UInt8]] = []
        var start = 0
        while let token = try? lexer.next(), token.kind != .end {
            words.append(Array(text[start..<token.stop]))
            start = token.stop
        }
        return words
    }

    private static func mutate(_ words: inout [[UInt8]], with random: inout SplitMix) {
        guard words.count > 1 else { return }
        let place = Int.random(in: 0..<(words.count - 1), using: &random)
        switch Int.random(in: 0..<5, using: &random) {
        case 0: words.remove(at: place)
        case 1: words.insert(words[place], at: place)
        case 2: words.swapAt(place, place + 1)
        case 3:
            let symbol = Symbol.allCases.randomElement(using: &random)?.rawValue ?? ";"
            words.insert(Array(" \(symbol) ".utf8), at: place)
        default:
            let extras = Keyword.allCases.map(\.rawValue) + ["x", "1", "'s'", "goto x", "::x::", "local x", "break"]
            words.insert(Array(" \(extras.randomElement(using: &random) ?? "x") ".utf8), at: place)
        }
    }
}

@Suite("The Lua parser ends soon on every text")
struct LuaParserLimitTests {
    static let deep: [(String, String)] = [
        ("(", ")"), ("{", "}"), ("f(", ")"), ("- ", " 1"), ("function() return ", " end"), ("not ", "x"), ("a..", "b"),
        ("2^", "2"), ("a[", "]"),
    ]

    @Test(arguments: deep)
    func `nesting is refused before it hurts`(open: String, close: String) {
        let text = "return " + String(repeating: open, count: 20_000) + String(repeating: close, count: 20_000)
        #expect(throws: LuaSyntaxError.self) { try LuaChunk(text) }
    }

    @Test(arguments: [".a", "()", "[1]", ":a()", "+1", " and x", "''", "{}"])
    func `so are long chains`(link: String) throws {
        let error = #expect(throws: LuaSyntaxError.self) {
            try LuaChunk("return x" + String(repeating: link, count: 100_000))
        }
        #expect(error?.cause == .tooDeep)
        _ = try LuaChunk("return x" + String(repeating: link, count: 300))
    }

    @Test func `blocks too`() {
        for block in ["do ", "while x do ", "if x then ", "repeat ", "for i = 1, 2 do ", "function f() "] {
            #expect(throws: LuaSyntaxError.self) { try LuaChunk(String(repeating: block, count: 50_000)) }
        }
    }

    @Test func `many labels and jumps are refused`() {
        let labels = (0..<5_000).map { "::l\($0)::" }.joined(separator: " ")
        #expect(throws: LuaSyntaxError.self) { try LuaChunk(labels) }
        let jumps = (0..<5_000).map { "goto l\($0)" }.joined(separator: " ")
        #expect(throws: LuaSyntaxError.self) { try LuaChunk(jumps) }
    }

    @Test(arguments: [UInt64.random(in: 1...UInt64.max)])
    func `any bytes are a chunk or an error`(seed: UInt64) {
        var random = SplitMix(seed)
        for _ in 0..<2_000 {
            let text = (0..<Int.random(in: 0..<60, using: &random)).map { _ in UInt8.random(in: 0...255, using: &random)
            }
            _ = try? LuaChunk(bytes: text)
        }
    }

    @Test func `names are bound as Lua binds them`() throws {
        let chunk = try LuaChunk("local x = x; local function f(y) return x, y, z end")
        #expect(chunk.locals.map(\.name) == ["x", "f", "y"])
        guard case .localFunction(1, let body) = chunk.main.block.statements[1].kind,
            case .return(let values) = body.block.statements[0].kind
        else {
            Issue.record("another tree")
            return
        }
        let names = values.compactMap { value -> Name? in if case .name(let name) = value.kind { name } else { nil } }
        #expect(names.map(\.binding) == [.local(0), .local(2), .global])
        #expect(names.map(\.isUpvalue) == [true, false, false])
    }
}

/// SplitMix64: the same numbers for the same seed everywhere.
struct SplitMix: RandomNumberGenerator {
    private var state: UInt64

    init(_ seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }
}
