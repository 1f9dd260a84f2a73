internal import HearthValues

/// The portable form of a room: JSON, one object a line.
///
/// The first line is `{"hearth_export":1,"room":{…}}`; then come the facts in order, each snapshot behind the fact it
/// is of, then sessions, marks, timers, outgoing messages and received deliveries, each under its own key; the last
/// line is `{"end":{"facts":N}}`, so that a file that was cut short is known. Hashes are hexadecimal. Bytes are a string when
/// they are UTF-8, which reads back as the same bytes, and `{"hex":"…"}` otherwise.
enum ExportFormat {
    static let version: Int64 = 1

    static func header(_ record: RoomRecord) -> Value {
        ["hearth_export": .int(version), "room": value(of: record)]
    }

    static func end(facts: UInt64) -> Value {
        ["end": ["facts": .int(Int64(clamping: facts))]]
    }

    private static func value(of record: RoomRecord) -> Value {
        [
            "id": .string(record.id), "recipe": .string(record.recipe), "recipe_version": .int(record.recipeVersion),
            "epoch": .string(record.epoch), "seq": .int(Int64(clamping: record.seq)), "head": hash(record.head),
            "created_at": .int(record.createdAt), "updated_at": .int(record.updatedAt),
        ]
    }

    static func line(_ fact: Fact) -> Value {
        let fields: Value = [
            "seq": .int(Int64(clamping: fact.seq)), "parent": hash(fact.parent), "id": hash(fact.id),
            "content": bytes(fact.content),
        ]
        return ["fact": fields]
    }

    static func line(_ snapshot: StoredSnapshot) -> Value {
        let fields: Value = [
            "seq": .int(Int64(clamping: snapshot.seq)), "head": hash(snapshot.head), "state": bytes(snapshot.state),
        ]
        return ["snapshot": fields]
    }

    static func line(_ session: SessionRecord) -> Value {
        let fields: Value = [
            "id": .string(session.id), "secret_hash": hash(session.secretHash), "user": optional(session.user),
            "name": optional(session.name), "roles": .list(List(session.roles.map { Value.string($0) })),
            "last_event": .int(session.lastEvent), "created_at": .int(session.createdAt),
            "disconnected_at": session.disconnectedAt.map { .int($0) } ?? .null, "extra": bytes(session.extra),
        ]
        return ["session": fields]
    }

    static func line(_ mark: Mark) -> Value {
        ["mark": ["session": .string(mark.session), "event": .int(mark.event), "answer": bytes(mark.answer)]]
    }

    static func line(_ timer: TimerRecord) -> Value {
        let fields: Value = [
            "id": .string(timer.id), "due_at": .int(timer.dueAt), "handler": .string(timer.handler),
            "data": bytes(timer.data), "kind": .string(timer.kind),
        ]
        return ["timer": fields]
    }

    static func line(_ message: OutgoingRecord) -> Value {
        let fields: Value = [
            "id": .string(message.id), "to_room": .string(message.toRoom), "event": .string(message.event),
            "data": bytes(message.data),
        ]
        return ["outgoing": fields]
    }

    static func line(_ delivery: ReceivedRecord) -> Value {
        ["received": ["id": .string(delivery.id), "settled": .bool(delivery.isSettled)]]
    }

    private static func hash(_ hash: Hash) -> Value { .string(hash.hex) }

    private static func optional(_ text: String?) -> Value { text.map { .string($0) } ?? .null }

    private static func bytes(_ bytes: [UInt8]) -> Value {
        guard let text = String(validating: bytes, as: UTF8.self) else { return ["hex": .string(Hex.text(bytes))] }
        return .string(text)
    }
}
