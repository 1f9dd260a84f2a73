import HearthStore
import HearthValues

/// An `Idempotency-Key`, and what was asked for under it.
package struct CallKey: Sendable, Hashable {
    /// Whether an event or the room itself is asked for: the two never meet.
    package enum Purpose: String, Sendable { case event, creation }

    let text: String
    /// SHA-256 of what was asked for, in hexadecimal digits.
    let request: String

    /// - Parameter request: what was asked for, in one spelling.
    package init(_ purpose: Purpose, _ key: String, request: [UInt8]) {
        text = "\(purpose.rawValue):\(key)"
        self.request = SHA256.hash(request).hex
    }
}

extension ServerCall {
    var callKey: CallKey? {
        key.map { CallKey(.event, $0, request: JSON.bytes(.list(List([.string(name), data])))) }
    }
}

/// What calls with keys were answered, the latest `max` of a room.
///
/// On disk each is a mark, like the answer to an event. A store keeps the last `StoreLimits.marksPerSession` marks of a
/// session, so the answers are dealt out to several names that no session has: the store forgets each when the room does.
struct KeyedAnswers: Sendable {
    private static let stripes: Int64 = 16
    static let max = Int(stripes * StoreLimits.marksPerSession)
    private static let prefix = "calls:"

    private var recent = RecentEntries(limit: Self.max)

    enum Match {
        case unknown
        case known(Answer)
        /// The key was given with something else.
        case other
    }

    var count: Int { recent.count }
    var fingerprint: String { recent.fingerprint }

    func match(_ key: CallKey) -> Match {
        guard let known = recent[key.text]?.object else { return .unknown }
        guard known["request"]?.string == key.request else { return .other }
        guard let text = known["answer"]?.string, let answer = Answer(stored: Array(text.utf8), id: 0) else {
            return .unknown
        }
        return .known(answer)
    }

    /// - Returns: what the store has to keep.
    mutating func remember(_ answer: Answer, to key: CallKey) -> Mark {
        var sink = ByteSink()
        let value: Value = .object([
            "key": .string(key.text), "request": .string(key.request),
            "answer": .string(String(decoding: answer.stored(by: &sink), as: UTF8.self)),
        ])
        let number = recent.note(key.text, value)
        return Mark(
            session: Self.prefix + String(number % Self.stripes), event: number / Self.stripes + 1,
            answer: JSON.bytes(value))
    }

    /// Takes up what the store has kept.
    init(_ marks: [Mark] = []) {
        let kept = marks.compactMap { mark -> (number: Int64, key: String, value: Value)? in
            guard mark.session.hasPrefix(Self.prefix), let stripe = Int64(mark.session.dropFirst(Self.prefix.count)),
                let value = try? JSON.parse(mark.answer), let key = value.object?["key"]?.string
            else { return nil }
            return ((mark.event - 1) * Self.stripes + stripe, key, value)
        }
        for (number, key, value) in kept.sorted(by: { $0.number < $1.number }) {
            recent.note(key, value, number: number)
        }
    }
}
