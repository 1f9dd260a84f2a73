/// Why a certificate cannot be used or a connection cannot go on, in one line.
package struct TLSError: Error, Sendable, Hashable, CustomStringConvertible {
    package let message: String

    package init(_ message: String) { self.message = message }

    package var description: String { message }

    /// The peer's bytes ended without the word that says so: somebody may have cut off what came last.
    package static let truncated = TLSError("the connection ended without TLS close_notify")
}
