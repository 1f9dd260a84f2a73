/// Parses Lua 5.4 and binds its names, in one pass, as Lua's own compiler does.
///
/// It takes and refuses what that compiler does, except for what is nested deeper than the limits below and for
/// the limits of the byte code (registers, constants, distances of jumps), of which it knows nothing.
struct LuaParser {
    /// Blocks and expressions inside each other; Lua's own limit is 200 and counts a little differently.
    static let nestingMax = 190
    /// Steps down an expression: `a.b.c` and `1 + 2 + 3` go down one with each step, though nothing is nested.
    static let heightMax = 1_000
    /// Labels, and jumps to labels that have not come yet, of one function: each is compared with each.
    static let jumpsMax = 200
    /// As in Lua.
    static let localsMax = 200
    static let upvaluesMax = 255

    var lexer: Lexer
    var token: Token
    var ahead: Token?
    var nesting = 0
    var functions: [FunctionBody?] = []
    var locals: [LocalDeclaration] = []
    /// The functions that are being read, the innermost last.
    var scopes: [FunctionScope] = []

    init(_ bytes: [UInt8]) throws(LuaSyntaxError) {
        lexer = Lexer(bytes)
        token = try lexer.next()
    }

    mutating func chunk() throws(LuaSyntaxError) -> LuaChunk {
        let start = SyntaxPosition(line: 1, column: 1)
        let id = open(isVariadic: true)
        let block = try block(isLoop: false)
        guard token.kind == .end else { throw expected("<eof>") }
        let main = try close(id, position: start, parameters: [], isMethod: false, block: block)
        return LuaChunk(main: main, functions: functions.compactMap { $0 }, locals: locals)
    }

    // MARK: - Functions

    private mutating func open(isVariadic: Bool) -> Int {
        let id = functions.count
        functions.append(nil)
        scopes.append(FunctionScope(id: id, isVariadic: isVariadic))
        return id
    }

    private mutating func close(
        _ id: Int, position: SyntaxPosition, parameters: [Int], isMethod: Bool, block: Block
    ) throws(LuaSyntaxError) -> FunctionBody {
        let scope = scopes.removeLast()
        if let jump = scope.gotos.first {
            let message =
                jump.label == nil
                ? "break outside a loop at line \(jump.position.line)"
                : "no visible label '\(jump.label ?? "")' for goto at line \(jump.position.line)"
            throw lexer.error(message, at: jump.position)
        }
        let body = FunctionBody(
            id: id, parent: scopes.last?.id, position: position, parameters: parameters, isMethod: isMethod,
            isVariadic: scope.isVariadic, block: block)
        functions[id] = body
        if !scopes.isEmpty {
            scopes[scopes.count - 1].height = max(scopes[scopes.count - 1].height, scope.height + 1)
        }
        return body
    }

    /// From the parameters on.
    /// - Returns: the function, and how high its expressions are.
    mutating func body(
        at position: SyntaxPosition, isMethod: Bool
    ) throws(LuaSyntaxError) -> (body: FunctionBody, height: Int) {
        let id = open(isVariadic: false)
        enterBlock(isLoop: false)
        var parameters: [Int] = []
        if isMethod { parameters.append(try declare("self", at: position, isParameter: true)) }
        try expect(.openParenthesis)
        if token.kind != .symbol(.closeParenthesis) {
            repeat {
                if try take(.ellipsis) {
                    scopes[scopes.count - 1].isVariadic = true
                    break
                }
                let (name, place) = try name()
                parameters.append(try declare(name, at: place, isParameter: true))
            } while try take(.comma)
        }
        try expect(.closeParenthesis)
        let block = try block(isLoop: false)
        try leaveBlock()
        try expectEnd(of: "function", from: position)
        let height = scopes[scopes.count - 1].height
        return (try close(id, position: position, parameters: parameters, isMethod: isMethod, block: block), height)
    }

    // MARK: - Tokens

    mutating func advance() throws(LuaSyntaxError) {
        if let next = ahead {
            token = next
            ahead = nil
        } else {
            token = try lexer.next()
        }
    }

    mutating func peek() throws(LuaSyntaxError) -> Token {
        if let ahead { return ahead }
        let next = try lexer.next()
        ahead = next
        return next
    }

    /// Takes the symbol if it stands here.
    mutating func take(_ symbol: Symbol) throws(LuaSyntaxError) -> Bool {
        guard token.kind == .symbol(symbol) else { return false }
        try advance()
        return true
    }

    mutating func take(_ keyword: Keyword) throws(LuaSyntaxError) -> Bool {
        guard token.kind == .keyword(keyword) else { return false }
        try advance()
        return true
    }

    mutating func expect(_ symbol: Symbol) throws(LuaSyntaxError) {
        guard try take(symbol) else { throw expected("'\(symbol.rawValue)'") }
    }

    mutating func expect(_ keyword: Keyword) throws(LuaSyntaxError) {
        guard try take(keyword) else { throw expected("'\(keyword.rawValue)'") }
    }

    /// The word that closes what was opened with `opener`.
    mutating func expectEnd(
        of opener: String, from position: SyntaxPosition, word: Keyword = .end
    ) throws(LuaSyntaxError) {
        if try take(word) { return }
        throw unclosed("'\(word.rawValue)'", opener, position)
    }

    mutating func expectClose(_ symbol: Symbol, of opener: Symbol, from position: SyntaxPosition) throws(LuaSyntaxError)
    {
        if try take(symbol) { return }
        throw unclosed("'\(symbol.rawValue)'", opener.rawValue, position)
    }

    private func unclosed(_ word: String, _ opener: String, _ position: SyntaxPosition) -> LuaSyntaxError {
        if position.line == token.position.line { return expected(word) }
        return lexer.error(
            "\(word) expected (to close '\(opener)' at line \(position.line)) near \(shown)", at: token.position)
    }

    mutating func name() throws(LuaSyntaxError) -> (String, SyntaxPosition) {
        guard case .name(let text) = token.kind else { throw expected("<name>") }
        let place = token.position
        try advance()
        return (text, place)
    }

    func expected(_ what: String) -> LuaSyntaxError {
        lexer.error("\(what) expected near \(shown)", at: token.position)
    }

    /// The token as an error quotes it.
    var shown: String {
        if token.kind == .end { return "<eof>" }
        let text = String(decoding: lexer.bytes[token.start..<min(token.stop, token.start + 40)], as: UTF8.self)
        return "'\(text)'"
    }

    // MARK: - Depth

    mutating func descend() throws(LuaSyntaxError) {
        nesting += 1
        if nesting > Self.nestingMax { throw tooDeep("nested more than \(Self.nestingMax) deep") }
    }

    mutating func ascend() {
        nesting -= 1
    }

    /// Every expression is made here, so that none is too high.
    mutating func make(
        _ kind: Expression.Kind, at position: SyntaxPosition, over heights: Int...
    ) throws(LuaSyntaxError) -> Expression {
        let height = (heights.max() ?? 0) + 1
        if height > Self.heightMax { throw tooDeep("a chain of more than \(Self.heightMax) operators") }
        scopes[scopes.count - 1].height = max(scopes[scopes.count - 1].height, height)
        return Expression(kind: kind, position: position, height: height)
    }

    func tooDeep(_ message: String) -> LuaSyntaxError {
        LuaSyntaxError(cause: .tooDeep, position: token.position, message: "too deep to check: \(message)")
    }
}
