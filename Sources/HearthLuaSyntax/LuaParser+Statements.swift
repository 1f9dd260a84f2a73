extension LuaParser {
    /// Statements up to the word that ends the block, which is left standing.
    mutating func block(isLoop: Bool) throws(LuaSyntaxError) -> Block {
        enterBlock(isLoop: isLoop)
        let block = try statements()
        try leaveBlock()
        return block
    }

    private mutating func statements() throws(LuaSyntaxError) -> Block {
        var list: [Statement] = []
        while !endsBlock(withUntil: true) {
            if token.kind == .keyword(.return) {
                list.append(try returnStatement())
                break
            }
            if let statement = try statement() { list.append(statement) }
        }
        return Block(statements: list, end: token.position)
    }

    private func endsBlock(withUntil: Bool) -> Bool {
        switch token.kind {
        case .end, .keyword(.end), .keyword(.else), .keyword(.elseif): true
        case .keyword(.until): withUntil
        default: false
        }
    }

    /// - Returns: nil for `;`.
    private mutating func statement() throws(LuaSyntaxError) -> Statement? {
        try descend()
        defer { ascend() }
        let place = token.position
        if try take(.semicolon) { return nil }
        return Statement(kind: try statementKind(at: place), position: place)
    }

    private mutating func statementKind(at place: SyntaxPosition) throws(LuaSyntaxError) -> Statement.Kind {
        switch token.kind {
        case .keyword(.if): return try ifStatement(at: place)
        case .keyword(.while):
            try advance()
            let condition = try expression()
            try expect(.do)
            let block = try block(isLoop: true)
            try expectEnd(of: "while", from: place)
            return .while(condition, block)
        case .keyword(.do):
            try advance()
            let block = try block(isLoop: false)
            try expectEnd(of: "do", from: place)
            return .do(block)
        case .keyword(.for): return try forStatement(at: place)
        case .keyword(.repeat): return try repeatStatement(at: place)
        case .keyword(.function): return try functionStatement(at: place)
        case .keyword(.local):
            try advance()
            return try take(.function) ? localFunction(at: place) : localStatement()
        case .symbol(.doubleColon): return try labelStatement(at: place)
        case .keyword(.break):
            try advance()
            try jump(to: nil, at: place)
            return .break
        case .keyword(.goto):
            try advance()
            let (label, _) = try name()
            try jump(to: label, at: place)
            return .goto(label)
        default: return try expressionStatement()
        }
    }

    private mutating func returnStatement() throws(LuaSyntaxError) -> Statement {
        let place = token.position
        try advance()
        var values: [Expression] = []
        if !endsBlock(withUntil: true), token.kind != .symbol(.semicolon) { values = try expressions() }
        _ = try take(.semicolon)
        if !endsBlock(withUntil: true) { throw expected("<eof> or 'end'") }
        return Statement(kind: .return(values), position: place)
    }

    private mutating func ifStatement(at place: SyntaxPosition) throws(LuaSyntaxError) -> Statement.Kind {
        var branches: [(condition: Expression, block: Block)] = []
        repeat {
            try advance()
            let condition = try expression()
            try expect(.then)
            branches.append((condition, try block(isLoop: false)))
        } while token.kind == .keyword(.elseif)
        let otherwise: Block? = try take(.else) ? block(isLoop: false) : nil
        try expectEnd(of: "if", from: place)
        return .if(branches, otherwise: otherwise)
    }

    private mutating func forStatement(at place: SyntaxPosition) throws(LuaSyntaxError) -> Statement.Kind {
        try advance()
        enterBlock(isLoop: true)
        var names = [try name()]
        let kind: Statement.Kind
        if try take(.assign) {
            let from = try expression()
            try expect(.comma)
            let to = try expression()
            let step: Expression? = try take(.comma) ? expression() : nil
            let (variables, block) = try loopBody(names)
            kind = .numericFor(variables.first ?? 0, from: from, to: to, step: step, block)
        } else {
            while try take(.comma) { names.append(try name()) }
            guard try take(.in) else { throw expected("'=' or 'in'") }
            let values = try expressions()
            let (variables, block) = try loopBody(names)
            kind = .genericFor(variables, values, block)
        }
        try expectEnd(of: "for", from: place)
        try leaveBlock()
        return kind
    }

    private mutating func loopBody(
        _ names: [(String, SyntaxPosition)]
    ) throws(LuaSyntaxError) -> (variables: [Int], block: Block) {
        try expect(.do)
        enterBlock(isLoop: false)
        var variables: [Int] = []
        for (name, place) in names { variables.append(try declare(name, at: place)) }
        let block = try block(isLoop: false)
        try leaveBlock()
        return (variables, block)
    }

    /// The condition sees the locals of the block.
    private mutating func repeatStatement(at place: SyntaxPosition) throws(LuaSyntaxError) -> Statement.Kind {
        try advance()
        enterBlock(isLoop: true)
        enterBlock(isLoop: false)
        let block = try statements()
        try expectEnd(of: "repeat", from: place, word: .until)
        let condition = try expression()
        try leaveBlock()
        try leaveBlock()
        return .repeat(block, until: condition)
    }

    private mutating func functionStatement(at place: SyntaxPosition) throws(LuaSyntaxError) -> Statement.Kind {
        try advance()
        let (first, firstPlace) = try name()
        var target = try make(.name(try bind(first, at: firstPlace)), at: firstPlace)
        var isMethod = false
        while !isMethod, token.kind == .symbol(.dot) || token.kind == .symbol(.colon) {
            isMethod = token.kind == .symbol(.colon)
            let dot = token.position
            try advance()
            let (name, namePlace) = try name()
            let key = try make(.string(Array(name.utf8)), at: namePlace)
            target = try make(.index(object: target, key: key, isDotted: true), at: dot, over: target.height)
        }
        let (body, _) = try body(at: place, isMethod: isMethod)
        try noteAssignment(to: target)
        return .function(target: target, body)
    }

    private mutating func localFunction(at place: SyntaxPosition) throws(LuaSyntaxError) -> Statement.Kind {
        let (name, namePlace) = try name()
        let local = try declare(name, at: namePlace)
        return .localFunction(local, try body(at: place, isMethod: false).body)
    }

    private mutating func localStatement() throws(LuaSyntaxError) -> Statement.Kind {
        var declared: [Int] = []
        var closes = 0
        repeat {
            let (name, place) = try name()
            let attribute = try attribute()
            if attribute == .close { closes += 1 }
            if closes > 1 { throw lexer.error("multiple to-be-closed variables in local list", at: place) }
            declared.append(makeLocal(name, at: place, attribute: attribute))
        } while try take(.comma)
        let values: [Expression] = try take(.assign) ? expressions() : []
        for place in declared { try show(place) }
        return .local(declared, values)
    }

    private mutating func attribute() throws(LuaSyntaxError) -> LocalDeclaration.Attribute {
        guard try take(.less) else { return .none }
        let (name, place) = try name()
        try expect(.greater)
        switch name {
        case "const": return .const
        case "close": return .close
        default: throw lexer.error("unknown attribute '\(name)'", at: place)
        }
    }

    private mutating func labelStatement(at place: SyntaxPosition) throws(LuaSyntaxError) -> Statement.Kind {
        try advance()
        let (label, _) = try name()
        try expect(.doubleColon)
        // Whether it is the last of its block shows only past other labels and semicolons, which the caller
        // comes to next; so look at the text.
        try self.place(label, at: place, isLast: try isFollowedByEnd())
        return .label(label)
    }

    /// Whether only labels and semicolons stand between here and the end of the block.
    private func isFollowedByEnd() throws(LuaSyntaxError) -> Bool {
        if endsBlock(withUntil: false) { return true }
        var copy = self
        while true {
            if try copy.take(.semicolon) { continue }
            guard try copy.take(.doubleColon) else { return copy.endsBlock(withUntil: false) }
            _ = try copy.name()
            try copy.expect(.doubleColon)
        }
    }

    private mutating func expressionStatement() throws(LuaSyntaxError) -> Statement.Kind {
        let first = try suffixed()
        if token.kind == .symbol(.assign) || token.kind == .symbol(.comma) {
            var targets = [first]
            while try take(.comma) { targets.append(try suffixed()) }
            for target in targets where !target.isVariable { throw syntaxError }
            try expect(.assign)
            let values = try expressions()
            for target in targets { try noteAssignment(to: target) }
            return .assign(targets, values)
        }
        switch first.kind {
        case .call, .methodCall: return .call(first)
        default: throw syntaxError
        }
    }

    private var syntaxError: LuaSyntaxError { lexer.error("syntax error near \(shown)", at: token.position) }

    private mutating func noteAssignment(to target: Expression) throws(LuaSyntaxError) {
        guard case .name(let name) = target.kind, case .local(let place) = name.binding else { return }
        if locals[place].attribute != .none {
            throw lexer.error("attempt to assign to const variable '\(name.text)'", at: name.position)
        }
        locals[place].assignments += 1
    }
}

extension Expression {
    fileprivate var isVariable: Bool {
        switch kind {
        case .name, .index: true
        default: false
        }
    }
}
