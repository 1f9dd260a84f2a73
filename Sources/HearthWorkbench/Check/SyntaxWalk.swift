import HearthLuaSyntax

extension Statement {
    /// The expressions that stand in the statement itself, not in blocks inside it.
    var expressions: [Expression] {
        switch kind {
        case .local(_, let values): values
        case .assign(let targets, let values): targets + values
        case .call(let call): [call]
        case .function(let target, _): [target]
        case .while(let condition, _): [condition]
        case .repeat(_, let condition): [condition]
        case .if(let branches, _): branches.map(\.condition)
        case .numericFor(_, let from, let to, let step, _): [from, to] + (step.map { [$0] } ?? [])
        case .genericFor(_, let values, _): values
        case .return(let values): values
        case .localFunction, .do, .break, .goto, .label: []
        }
    }

    var blocks: [Block] {
        switch kind {
        case .do(let block), .while(_, let block), .repeat(let block, _), .numericFor(_, _, _, _, let block),
            .genericFor(_, _, let block):
            [block]
        case .if(let branches, let otherwise): branches.map(\.block) + (otherwise.map { [$0] } ?? [])
        default: []
        }
    }
}

extension Expression {
    /// The expressions right inside this one; not those of a function's body.
    var children: [Expression] {
        switch kind {
        case .index(let object, let key, _): [object, key]
        case .call(let function, let arguments): [function] + arguments
        case .methodCall(let object, _, let arguments): [object] + arguments
        case .table(let fields): fields.flatMap(\.expressions)
        case .unary(_, let operand): [operand]
        case .binary(_, let left, let right): [left, right]
        case .parenthesised(let inner): [inner]
        case .nil, .boolean, .vararg, .number, .string, .function, .name: []
        }
    }

    func walk(_ visit: (Expression) -> Void) {
        visit(self)
        for child in children { child.walk(visit) }
    }

    /// Whether any expression in this one holds.
    func contains(_ test: (Expression) -> Bool) -> Bool {
        test(self) || children.contains { $0.contains(test) }
    }
}

extension TableField {
    var expressions: [Expression] {
        switch self {
        case .item(let value), .named(_, _, let value): [value]
        case .keyed(let key, let value): [key, value]
        }
    }
}

extension Block {
    /// All statements in it, also those of blocks inside; not those of functions.
    func walk(_ visit: (Statement) -> Void) {
        for statement in statements {
            visit(statement)
            for block in statement.blocks { block.walk(visit) }
        }
    }

    func walkExpressions(_ visit: (Expression) -> Void) {
        walk { statement in statement.expressions.forEach { $0.walk(visit) } }
    }
}
