extension LuaParser {
    mutating func expression() throws(LuaSyntaxError) -> Expression { try expression(above: 0) }

    mutating func expressions() throws(LuaSyntaxError) -> [Expression] {
        var list = [try expression()]
        while try take(.comma) { list.append(try expression()) }
        return list
    }

    /// Takes operators that bind stronger than `limit`.
    private mutating func expression(above limit: Int) throws(LuaSyntaxError) -> Expression {
        try descend()
        var left: Expression
        if let operation = unaryOperator {
            let place = token.position
            try advance()
            let operand = try expression(above: BinaryOperator.unaryPriority)
            left = try make(.unary(operation, operand), at: place, over: operand.height)
        } else {
            left = try simple()
        }
        while let operation = binaryOperator, operation.priority.left > limit {
            let place = token.position
            try advance()
            let right = try expression(above: operation.priority.right)
            left = try make(.binary(operation, left, right), at: place, over: left.height, right.height)
        }
        ascend()
        return left
    }

    private var unaryOperator: UnaryOperator? {
        switch token.kind {
        case .keyword(.not): .not
        case .symbol(let symbol): UnaryOperator(rawValue: symbol.rawValue)
        default: nil
        }
    }

    private var binaryOperator: BinaryOperator? {
        switch token.kind {
        case .keyword(let keyword): BinaryOperator(rawValue: keyword.rawValue)
        case .symbol(let symbol): BinaryOperator(rawValue: symbol.rawValue)
        default: nil
        }
    }

    private mutating func simple() throws(LuaSyntaxError) -> Expression {
        let place = token.position
        let kind: Expression.Kind
        switch token.kind {
        case .number(let text): kind = .number(text)
        case .string(let bytes): kind = .string(bytes)
        case .keyword(.nil): kind = .nil
        case .keyword(.true): kind = .boolean(true)
        case .keyword(.false): kind = .boolean(false)
        case .symbol(.ellipsis):
            guard scopes.last?.isVariadic == true else {
                throw lexer.error("cannot use '...' outside a vararg function near '...'", at: place)
            }
            kind = .vararg
        case .symbol(.openBrace): return try table()
        case .keyword(.function):
            try advance()
            let (body, height) = try body(at: place, isMethod: false)
            return try make(.function(body), at: place, over: height)
        default: return try suffixed()
        }
        try advance()
        return try make(kind, at: place)
    }

    private mutating func primary() throws(LuaSyntaxError) -> Expression {
        let place = token.position
        switch token.kind {
        case .name(let text):
            try advance()
            return try make(.name(try bind(text, at: place)), at: place)
        case .symbol(.openParenthesis):
            try advance()
            let inner = try expression()
            try expectClose(.closeParenthesis, of: .openParenthesis, from: place)
            return try make(.parenthesised(inner), at: place, over: inner.height)
        default: throw lexer.error("unexpected symbol near \(shown)", at: place)
        }
    }

    /// A variable or a parenthesis with the indices and calls after it.
    mutating func suffixed() throws(LuaSyntaxError) -> Expression {
        var left = try primary()
        while true {
            let place = token.position
            switch token.kind {
            case .symbol(.dot):
                try advance()
                let (name, namePlace) = try name()
                let key = try make(.string(Array(name.utf8)), at: namePlace)
                left = try make(.index(object: left, key: key, isDotted: true), at: place, over: left.height)
            case .symbol(.openBracket):
                try advance()
                let key = try expression()
                try expect(.closeBracket)
                left = try make(
                    .index(object: left, key: key, isDotted: false), at: place, over: left.height, key.height)
            case .symbol(.colon):
                try advance()
                let (name, namePlace) = try name()
                let (arguments, height) = try arguments()
                left = try make(
                    .methodCall(object: left, method: .init(name: name, position: namePlace), arguments: arguments),
                    at: place, over: left.height, height)
            case .symbol(.openParenthesis), .symbol(.openBrace), .string:
                let (arguments, height) = try arguments()
                left = try make(.call(function: left, arguments: arguments), at: place, over: left.height, height)
            default: return left
            }
        }
    }

    private mutating func arguments() throws(LuaSyntaxError) -> (list: [Expression], height: Int) {
        let place = token.position
        switch token.kind {
        case .string(let bytes):
            try advance()
            return ([try make(.string(bytes), at: place)], 1)
        case .symbol(.openBrace):
            let table = try table()
            return ([table], table.height)
        case .symbol(.openParenthesis):
            try advance()
            if try take(.closeParenthesis) { return ([], 0) }
            let list = try expressions()
            try expectClose(.closeParenthesis, of: .openParenthesis, from: place)
            return (list, list.map(\.height).max() ?? 0)
        default: throw lexer.error("function arguments expected near \(shown)", at: place)
        }
    }

    private mutating func table() throws(LuaSyntaxError) -> Expression {
        let place = token.position
        try expect(.openBrace)
        var fields: [TableField] = []
        var height = 0
        while token.kind != .symbol(.closeBrace) {
            let field = try field()
            fields.append(field)
            height = max(height, field.height)
            if try take(.comma) { continue }
            guard try take(.semicolon) else { break }
        }
        try expectClose(.closeBrace, of: .openBrace, from: place)
        return try make(.table(fields), at: place, over: height)
    }

    private mutating func field() throws(LuaSyntaxError) -> TableField {
        if case .name(let name) = token.kind, try peek().kind == .symbol(.assign) {
            let place = token.position
            try advance()
            try advance()
            return .named(name, place, try expression())
        }
        if try take(.openBracket) {
            let key = try expression()
            try expect(.closeBracket)
            try expect(.assign)
            return .keyed(key, try expression())
        }
        return .item(try expression())
    }
}

extension TableField {
    fileprivate var height: Int {
        switch self {
        case .item(let value): value.height
        case .named(_, _, let value): value.height
        case .keyed(let key, let value): max(key.height, value.height)
        }
    }
}
