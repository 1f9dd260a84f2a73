package import HearthRecipes
package import HearthStore
import HearthValues

/// What an event was answered, kept so that a repeat gets the same.
package enum Answer: Sendable {
    case ack(Ack)
    indirect case error(Failure)
}

/// The last answers of a session, by event id.
///
/// Event ids rise by one, so the window is an array that starts at some id: no hashing on the path of every event. Most
/// answers are an `ack` that says no more than its `seq`: eight bytes hold it.
struct AnswerWindow {
    private let limit: Int
    private var first: Int64 = 1
    private var slots: [UInt64] = []
    private var head = 0
    /// The answers that say more, by event id.
    private var others: [Int64: Answer] = [:]

    /// What stands in `slots` where it is not the `seq` of an `ack`.
    private enum Slot {
        static let empty = UInt64.max
        /// Decided, but not on disk yet.
        static let held = UInt64.max - 1
        /// It is among `others`.
        static let other = UInt64.max - 2
    }

    enum Lookup {
        case known(Answer)
        /// The first answer is on its way.
        case held
        /// Too long ago, or never seen.
        case gone
    }

    init(limit: Int) { self.limit = limit }

    subscript(id: Int64) -> Lookup {
        guard let index = index(of: id) else { return .gone }
        switch slots[index] {
        case Slot.empty: return .gone
        case Slot.held: return .held
        case Slot.other: return others[id].map { .known($0) } ?? .gone
        case let seq: return .known(.ack(Ack(id: id, seq: seq, result: nil, runs: 1)))
        }
    }

    mutating func hold(_ id: Int64) { put(Slot.held, at: id) }

    mutating func set(_ answer: Answer, at id: Int64) {
        if case .ack(let ack) = answer, ack.id == id, ack.result == nil, ack.runs == 1, ack.seq < Slot.other {
            return put(ack.seq, at: id)
        }
        put(Slot.other, at: id)
        if index(of: id) != nil { others[id] = answer }
    }

    private func index(of id: Int64) -> Int? {
        guard id >= first, id < first + Int64(slots.count) else { return nil }
        return slot(after: head, by: Int(id - first))
    }

    /// - Parameter steps: fewer than ``limit``, or 1; a division would cost as much as all the rest.
    private func slot(after slot: Int, by steps: Int) -> Int {
        slot + steps < limit ? slot + steps : slot + steps - limit
    }

    private mutating func put(_ slot: UInt64, at id: Int64) {
        if let index = index(of: id) {
            if slots[index] == Slot.other { others[id] = nil }
            slots[index] = slot
            return
        }
        if slots.isEmpty || id >= first + Int64(slots.count) + Int64(limit) {
            slots = []
            others = [:]
            head = 0
            first = id
        }
        while first + Int64(slots.count) <= id { appendEmpty() }
        if let index = index(of: id) { slots[index] = slot }
    }

    private mutating func appendEmpty() {
        if slots.count < limit {
            slots.append(Slot.empty)
        } else {
            if slots[head] == Slot.other { others[first] = nil }
            slots[head] = Slot.empty
            head = slot(after: head, by: 1)
            first += 1
        }
    }
}

// MARK: - The stored form

extension Answer {
    /// - Throws: `RoomError.corrupt` when the mark is not what this engine writes.
    package init(_ mark: Mark) throws(RoomError) {
        guard let answer = Answer(stored: mark.answer, id: mark.event) else {
            throw .corrupt("the answer to event \(mark.event) of session \(mark.session)")
        }
        self = answer
    }

    /// JSON: `{"seq","runs","result"?}` or `{"code","message","retryable","details"?}`.
    ///
    /// - Parameter sink: what it is written with; what it holds is lost.
    func stored(by sink: inout ByteSink) -> [UInt8] {
        sink.clear(keepingCapacity: true)
        switch self {
        case .ack(let ack):
            // Every event has one of these stored, so it is written out directly; keys in canonical (sorted) order.
            sink.append("{")
            if let result = ack.result {
                sink.append("\"result\":")
                JSON.write(result, into: &sink)
                sink.append(",")
            }
            sink.append("\"runs\":")
            sink.appendInt(ack.runs)
            sink.append(",\"seq\":")
            sink.appendInt(Int64(ack.seq))
            sink.append("}")
        case .error(let failure):
            var object = Object()
            object["code"] = .string(failure.code)
            object["message"] = .string(failure.message)
            object["retryable"] = .bool(failure.retryable)
            object["details"] = failure.details
            JSON.write(.object(object), into: &sink)
        }
        return sink.bytes
    }

    /// Nil when the bytes are not what `stored` writes.
    init?(stored: [UInt8], id: Int64) {
        guard case .object(let object)? = try? JSON.parse(stored) else { return nil }
        if case .int(let seq)? = object["seq"], case .int(let runs)? = object["runs"] {
            self = .ack(Ack(id: id, seq: UInt64(clamping: seq), result: object["result"], runs: Int(runs)))
        } else if case .string(let code)? = object["code"], case .string(let message)? = object["message"],
            case .bool(let retryable)? = object["retryable"]
        {
            self = .error(
                Failure(code: code, message: message, retryable: retryable, details: object["details"] ?? .null))
        } else {
            return nil
        }
    }
}
