package import HearthValues

/// What an `error` message says.
package struct WireError: Error, Sendable, Hashable {
    package var code: WireErrorCode
    /// For people: what is wrong and what would be right.
    package var message: String
    package var retryable: Bool
    package var details: Value?
    /// The id of the event that the error answers, when the message was an event whose id could be read.
    package var event: Int64?

    /// - Parameter retryable: nil takes what the protocol's table says of the code.
    package init(
        _ code: WireErrorCode, _ message: String, retryable: Bool? = nil, details: Value? = nil, event: Int64? = nil
    ) {
        self.code = code
        self.message = message
        self.retryable = retryable ?? code.isRetryable
        self.details = details
        self.event = event
    }

    /// `bad_message` about one field, which `details.field` names.
    package static func badField(_ field: String, _ message: String) -> WireError {
        WireError(.badMessage, message, details: ["field": .string(field)])
    }

    /// `rate_limited` with the time after which to try again.
    ///
    /// - Parameter retryAfterMs: In milliseconds.
    package static func rateLimited(_ message: String, retryAfterMs: Int64) -> WireError {
        WireError(.rateLimited, message, details: ["retry_after_ms": .int(retryAfterMs)])
    }
}
