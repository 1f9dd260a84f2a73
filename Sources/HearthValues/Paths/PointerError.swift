/// Why a text is not a JSON pointer.
package enum PointerError: Error, Sendable, Hashable {
    /// The text, given whole, is not empty and does not start with `/`.
    case noLeadingSlash(String)
    /// The text, given whole, holds a `~` that is not followed by 0 or 1.
    case badEscape(String)

    /// What is wrong and what would be right, for people.
    package var message: String {
        switch self {
        case .noLeadingSlash(let text): "\"\(text)\" is not a JSON pointer: it must be empty or start with \"/\""
        case .badEscape(let text):
            "\"\(text)\" is not a JSON pointer: \"~\" must be followed by 0 (for \"~\") or 1 (for \"/\")"
        }
    }
}
