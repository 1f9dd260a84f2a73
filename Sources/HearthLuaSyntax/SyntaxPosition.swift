/// A place in a Lua source text.
package struct SyntaxPosition: Sendable, Hashable, Comparable {
    /// From 1.
    package var line: Int
    /// In bytes, from 1.
    package var column: Int

    package init(line: Int, column: Int) {
        self.line = line
        self.column = column
    }

    package static func < (left: SyntaxPosition, right: SyntaxPosition) -> Bool {
        (left.line, left.column) < (right.line, right.column)
    }
}

/// Why a text is not Lua 5.4, or is more than this parser takes.
package struct LuaSyntaxError: Error, Sendable, Hashable {
    package enum Cause: Sendable, Hashable {
        /// Lua refuses it too.
        case malformed
        /// Lua may take it, but it is nested deeper than ``LuaParser/nestingMax`` or ``LuaParser/heightMax``.
        case tooDeep
    }

    package var cause: Cause
    package var position: SyntaxPosition
    /// "'end' expected near 'else'", in the words of Lua's own compiler where there are some.
    package var message: String
}
