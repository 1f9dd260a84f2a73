/// An error code as clients see it. A struct, so that codes may be added within the protocol's version.
package struct WireErrorCode: Sendable, Hashable {
    package let text: String

    package init(_ text: String) { self.text = text }

    package static let badMessage = WireErrorCode("bad_message")
    package static let unknownEvent = WireErrorCode("unknown_event")
    package static let unknownAsk = WireErrorCode("unknown_ask")
    package static let invalidData = WireErrorCode("invalid_data")
    package static let invalidLink = WireErrorCode("invalid_link")
    package static let forbidden = WireErrorCode("forbidden")
    package static let conflict = WireErrorCode("conflict")
    package static let handlerFailed = WireErrorCode("handler_failed")
    package static let budgetExceeded = WireErrorCode("budget_exceeded")
    package static let rateLimited = WireErrorCode("rate_limited")
    package static let outOfOrder = WireErrorCode("out_of_order")
    package static let storageUnavailable = WireErrorCode("storage_unavailable")
    package static let roomClosed = WireErrorCode("room_closed")

    /// A notice and no refusal: the token runs out soon.
    package static let tokenExpiring = WireErrorCode("token_expiring")

    // Refusals before the upgrade, and answers of the HTTP calls.
    package static let unauthenticated = WireErrorCode("unauthenticated")
    package static let roomNotFound = WireErrorCode("room_not_found")
    package static let originNotAllowed = WireErrorCode("origin_not_allowed")
    package static let shuttingDown = WireErrorCode("shutting_down")
    package static let tooManyConnections = WireErrorCode("too_many_connections")
    package static let roomExists = WireErrorCode("room_exists")
    package static let recipeNotFound = WireErrorCode("recipe_not_found")

    /// The codes that a socket may carry, in the order of the protocol's table.
    package static let onSocket: [WireErrorCode] = [
        badMessage, unknownEvent, unknownAsk, invalidData, invalidLink, forbidden, conflict, handlerFailed,
        budgetExceeded, rateLimited, outOfOrder, storageUnavailable, roomClosed,
    ]

    /// Is it one of the protocol's own? A recipe may fail with codes of its own making.
    package static func isKnown(_ code: String) -> Bool { onSocket.contains { $0.text == code } }

    /// Whether the same message may be sent again (an event with a new id). False for codes that are not known.
    package var isRetryable: Bool {
        switch self {
        case .conflict, .rateLimited, .storageUnavailable, .shuttingDown, .tooManyConnections: true
        default: false
        }
    }

    /// What errors of this code do to the socket.
    package var closing: Closing {
        switch self {
        case .badMessage: .after(count: 10, seconds: 60, .badMessages)
        case .rateLimited: .after(count: 100, seconds: 60, .tooManyMessages)
        case .roomClosed: .atOnce(.roomClosed)
        default: .never
        }
    }

    package enum Closing: Sendable, Hashable {
        case never
        case atOnce(CloseCode)
        /// When `count` errors of the code fall within `seconds`.
        case after(count: Int, seconds: Int, CloseCode)
    }
}
