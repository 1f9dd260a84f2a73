/// Why a store could not do what it was asked.
package enum StoreError: Error, Sendable, Hashable {
    /// The disk, its quota or the limit on file sizes is used up.
    case full(detail: String)
    /// The store cannot be reached just now: I/O errors, a lock held too long.
    case unavailable(detail: String)
    /// What was read cannot be what was written. `seq` is the fact at fault, where there is one.
    case corrupt(room: String?, seq: UInt64?, detail: String)
    /// There is a room of that name already.
    case exists(room: String)
    /// There is no room of that name.
    case missing(room: String)
    /// The room's head is not the one that the write was made for.
    case headMismatch(room: String, expected: Hash, found: Hash)
    /// The write contradicts itself or the room.
    case rejected(room: String, detail: String)
    /// The stored data was written by a later version.
    case schemaTooNew(found: Int, known: Int)
    /// Another server works on the same data.
    case inUse(path: String)
    /// What is imported cannot be read; `line` counts from 1.
    case malformedImport(line: Int, detail: String)
    /// The store has been closed.
    case closed
}

extension StoreError {
    /// The room whose write is at fault; nil when the store as a whole refused.
    package var faultyRoom: String? {
        switch self {
        case .exists(let room), .missing(let room), .headMismatch(let room, _, _), .rejected(let room, _): room
        case .corrupt(let room, _, _): room
        case .full, .unavailable, .schemaTooNew, .inUse, .malformedImport, .closed: nil
        }
    }

    /// Whether the same write may succeed later without anything being changed about it.
    package var isRetryable: Bool {
        switch self {
        case .full, .unavailable: true
        default: false
        }
    }

    /// What happened and what to do about it, in one or two sentences.
    package var message: String {
        switch self {
        case .full(let detail):
            "The disk that holds the data is full (\(detail)). Make room; the server goes on by itself."
        case .unavailable(let detail):
            "The store cannot be reached (\(detail)). Check the disk and who else has the database open."
        case .corrupt(let room, let seq, let detail):
            "The stored data\(StoreError.place(room, seq)) is damaged: \(detail). Restore it from a backup."
        case .exists(let room):
            "The room \"\(room)\" exists already. Delete it first or choose another id."
        case .missing(let room):
            "There is no room \"\(room)\" in the store."
        case .headMismatch(let room, let expected, let found):
            "The room \"\(room)\" has moved on: its head is \(found), the write was made for \(expected)."
        case .rejected(let room, let detail):
            "The write to the room \"\(room)\" is not valid: \(detail)."
        case .schemaTooNew(let found, let known):
            "The data has schema version \(found), this server knows up to \(known). Run a newer server."
        case .inUse(let path):
            "Another server uses the data in \(path). Stop it first or choose another folder."
        case .malformedImport(let line, let detail):
            "Line \(line) of the import cannot be used: \(detail)."
        case .closed:
            "The store has been closed."
        }
    }

    private static func place(_ room: String?, _ seq: UInt64?) -> String {
        guard let room else { return "" }
        guard let seq else { return " of the room \"\(room)\"" }
        return " of the room \"\(room)\" at seq \(seq)"
    }
}

extension StoreError: CustomStringConvertible {
    package var description: String { message }
}
