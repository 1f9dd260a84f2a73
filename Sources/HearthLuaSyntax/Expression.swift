/// A Lua expression.
package struct Expression: Sendable {
    package indirect enum Kind: Sendable {
        case `nil`
        case boolean(Bool)
        case vararg
        /// As it was written.
        case number(String)
        case string([UInt8])
        case function(FunctionBody)
        case name(Name)
        /// `object[key]`; `object.key` is the same with a string for its key and `isDotted`.
        case index(object: Expression, key: Expression, isDotted: Bool)
        case call(function: Expression, arguments: [Expression])
        case methodCall(object: Expression, method: Method, arguments: [Expression])
        case table([TableField])
        case unary(UnaryOperator, Expression)
        case binary(BinaryOperator, Expression, Expression)
        case parenthesised(Expression)
    }

    package var kind: Kind
    /// Where it begins; of an operator with two sides, a call and an index: where the operator, `(` or `.` stands.
    package var position: SyntaxPosition
    /// The longest way down to a leaf: what a walk needs of the stack.
    let height: Int
}

extension Expression {
    package struct Method: Sendable {
        package var name: String
        package var position: SyntaxPosition
    }

    /// The text of a string that is UTF-8.
    package var text: String? {
        if case .string(let bytes) = kind { String(validating: bytes, as: UTF8.self) } else { nil }
    }

    /// The expression without parentheses around it.
    package var bare: Expression {
        if case .parenthesised(let inner) = kind { inner.bare } else { self }
    }

    /// Where its first token stands.
    package var start: SyntaxPosition {
        switch kind {
        case .index(let object, _, _): object.start
        case .call(let function, _): function.start
        case .methodCall(let object, _, _): object.start
        case .binary(_, let left, _): left.start
        default: position
        }
    }
}

/// A variable where it is used.
package struct Name: Sendable {
    package enum Binding: Sendable, Hashable {
        /// By its place in ``LuaChunk/locals``.
        case local(Int)
        case global
    }

    package var text: String
    package var position: SyntaxPosition
    package var binding: Binding
    /// Whether the local belongs to a function around this one.
    package var isUpvalue: Bool
}

package enum TableField: Sendable {
    case item(Expression)
    /// `name = value`
    case named(String, SyntaxPosition, Expression)
    /// `[key] = value`
    case keyed(Expression, Expression)
}

package enum UnaryOperator: String, Sendable {
    case negate = "-"
    case not
    case length = "#"
    case bitNot = "~"
}

package enum BinaryOperator: String, Sendable {
    case add = "+"
    case subtract = "-"
    case multiply = "*"
    case divide = "/"
    case floorDivide = "//"
    case modulo = "%"
    case power = "^"
    case concat = ".."
    case shiftLeft = "<<"
    case shiftRight = ">>"
    case bitAnd = "&"
    case bitXor = "~"
    case bitOr = "|"
    case equal = "=="
    case unequal = "~="
    case less = "<"
    case lessOrEqual = "<="
    case greater = ">"
    case greaterOrEqual = ">="
    case and
    case or

    /// How strongly it binds what stands left and right of it.
    var priority: (left: Int, right: Int) {
        switch self {
        case .or: (1, 1)
        case .and: (2, 2)
        case .equal, .unequal, .less, .lessOrEqual, .greater, .greaterOrEqual: (3, 3)
        case .bitOr: (4, 4)
        case .bitXor: (5, 5)
        case .bitAnd: (6, 6)
        case .shiftLeft, .shiftRight: (7, 7)
        case .concat: (9, 8)
        case .add, .subtract: (10, 10)
        case .multiply, .divide, .floorDivide, .modulo: (11, 11)
        case .power: (14, 13)
        }
    }

    static let unaryPriority = 12
}
