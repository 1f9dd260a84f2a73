package import HearthValues

/// Why a run came to nothing, as a client is told (the error codes of the protocol).
package struct Failure: Error, Sendable, Hashable {
    package var code: String
    package var message: String
    package var retryable: Bool
    /// An object, or null when there is nothing more to say.
    package var details: Value

    package init(code: String, message: String, retryable: Bool = false, details: Value = .null) {
        self.code = code
        self.message = message
        self.retryable = retryable
        self.details = details
    }
}
