/// Why a server could not start or go on: one line that says what to do.
package struct ServerError: Error, Sendable, CustomStringConvertible {
    package let message: String

    package init(_ message: String) { self.message = message }

    package var description: String { message }
}
