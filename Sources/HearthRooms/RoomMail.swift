import HearthStore
import HearthValues

/// The messages of a room to others that these have not taken durably yet, in the order in which they were sent.
struct OutgoingMessages: Sendable {
    private var byID: [String: (place: Int64, message: OutgoingRecord)] = [:]
    private var last: Int64 = 0

    init(_ stored: [OutgoingRecord] = []) { for message in stored { add(message) } }

    var count: Int { byID.count }
    var isEmpty: Bool { byID.isEmpty }

    mutating func add(_ message: OutgoingRecord) {
        last += 1
        byID[message.id] = (byID[message.id]?.place ?? last, message)
    }

    /// - Returns: the message, nil when it has been removed before.
    mutating func remove(_ id: String) -> OutgoingRecord? { byID.removeValue(forKey: id)?.message }

    /// As they were sent.
    var inOrder: [OutgoingRecord] { byID.values.sorted { $0.place < $1.place }.map(\.message) }
}

/// Which messages of other rooms have been taken. A sender that has not noted so sends again after a restart, so these are
/// remembered however many they are; of those whose senders have noted it, the latest `StoreLimits.receivedMax`.
///
/// Bounds: a sender that never notes it (its room was deleted, or a crash swallowed its word) leaves one id behind, which
/// goes with the `receivedOpenMax`-th message after it.
///
/// Complexity: O(log n) for each operation; copies share what they have in common.
struct ReceivedDeliveries: Sendable {
    private var newest: Int64 = 0
    /// By id: its place.
    private var places = Object()
    /// By place: its id.
    private var ids = Object()
    /// Those whose senders have not noted it.
    private var open = Object()

    init(_ stored: [ReceivedRecord] = []) {
        for record in stored {
            note(record.id)
            if record.isSettled { _ = settle(record.id) }
        }
    }

    func contains(_ id: String) -> Bool { places.contains(id) }

    mutating func note(_ id: String) {
        newest += 1
        places[id] = .int(newest)
        ids[String(newest)] = .string(id)
        open[id] = .null
        if let old = self.id(at: newest - Int64(StoreLimits.receivedMax)), !open.contains(old) { forget(old) }
        if let old = self.id(at: newest - Int64(StoreLimits.receivedOpenMax)) { forget(old) }
    }

    /// The sender has noted that the message was taken.
    ///
    /// - Returns: false when that was known, or the message is not.
    mutating func settle(_ id: String) -> Bool {
        guard open.contains(id), let place = places[id]?.int else { return false }
        open[id] = nil
        if place <= newest - Int64(StoreLimits.receivedMax) { forget(id) }
        return true
    }

    private func id(at place: Int64) -> String? { ids[String(place)]?.string }

    private mutating func forget(_ id: String) {
        guard let place = places[id]?.int else { return }
        places[id] = nil
        ids[String(place)] = nil
        open[id] = nil
    }

    /// For tests that compare.
    var fingerprint: String { "\(newest) \(places.count) \(open.count)" }
}
