package import HearthRecipes

/// Why a room could not be opened.
package enum RoomError: Error, Sendable {
    /// What is stored cannot be read; the room stays unavailable and untouched.
    case corrupt(String)
    /// `on.create` or the recipe's checks refused.
    case refused(Failure)

    package var message: String {
        switch self {
        case .corrupt(let what): "the stored room cannot be read: \(what); it was left as it is"
        case .refused(let failure): failure.message
        }
    }
}
