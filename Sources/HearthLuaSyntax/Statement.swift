/// A Lua statement.
package struct Statement: Sendable {
    package indirect enum Kind: Sendable {
        /// Locals by their places in ``LuaChunk/locals``.
        case local([Int], [Expression])
        case localFunction(Int, FunctionBody)
        case assign([Expression], [Expression])
        case call(Expression)
        /// `function a.b:c() … end`; the target is `a.b.c`.
        case function(target: Expression, FunctionBody)
        case `do`(Block)
        case `while`(Expression, Block)
        case `repeat`(Block, until: Expression)
        case `if`([(condition: Expression, block: Block)], otherwise: Block?)
        case numericFor(Int, from: Expression, to: Expression, step: Expression?, Block)
        case genericFor([Int], [Expression], Block)
        case `return`([Expression])
        case `break`
        case goto(String)
        case label(String)
    }

    package var kind: Kind
    package var position: SyntaxPosition
}

package struct Block: Sendable {
    package var statements: [Statement]
    /// Where the word stands that ends it.
    package var end: SyntaxPosition
}

/// A function with its parameters; the chunk as a whole is one too.
package final class FunctionBody: Sendable {
    /// Its place in ``LuaChunk/functions``; 0 is the chunk.
    package let id: Int
    /// The function around it; nil for the chunk.
    package let parent: Int?
    /// Where `function` stands.
    package let position: SyntaxPosition
    /// Locals by their places in ``LuaChunk/locals``; of a method, `self` is the first.
    package let parameters: [Int]
    package let isMethod: Bool
    package let isVariadic: Bool
    package let block: Block

    init(
        id: Int, parent: Int?, position: SyntaxPosition, parameters: [Int], isMethod: Bool, isVariadic: Bool,
        block: Block
    ) {
        self.id = id
        self.parent = parent
        self.position = position
        self.parameters = parameters
        self.isMethod = isMethod
        self.isVariadic = isVariadic
        self.block = block
    }
}

/// A local variable where it is declared.
package struct LocalDeclaration: Sendable {
    package enum Attribute: Sendable { case none, const, close }

    package var name: String
    package var position: SyntaxPosition
    /// The function it belongs to.
    package var function: Int
    package var attribute: Attribute
    package var isParameter: Bool
    /// How often something is assigned to it after its declaration.
    package var assignments = 0
}

/// A file of Lua, parsed, with every name bound.
package struct LuaChunk: Sendable {
    /// The chunk as a function.
    package var main: FunctionBody
    /// In the order in which they end; each at the place that its `id` says.
    package var functions: [FunctionBody]
    package var locals: [LocalDeclaration]

    /// - Complexity: O(length of the text).
    /// - Throws: `LuaSyntaxError`, the first there is.
    package init(_ text: String) throws(LuaSyntaxError) {
        try self.init(bytes: Array(text.utf8))
    }

    package init(bytes: [UInt8]) throws(LuaSyntaxError) {
        var parser = try LuaParser(bytes)
        self = try parser.chunk()
    }

    init(main: FunctionBody, functions: [FunctionBody], locals: [LocalDeclaration]) {
        self.main = main
        self.functions = functions
        self.locals = locals
    }
}
