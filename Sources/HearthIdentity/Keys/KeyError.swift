/// Why a key cannot be used: one line that says what is wrong and what would be right.
package struct KeyError: Error, Sendable, Hashable, CustomStringConvertible {
    package let message: String

    package init(_ message: String) { self.message = message }

    package var description: String { message }
}
