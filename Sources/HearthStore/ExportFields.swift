internal import HearthValues

/// The fields of one line of an export, read with errors that name what is missing.
struct ExportFields {
    private let object: Object
    private let line: Int

    init(_ value: Value, line: Int) throws(StoreError) {
        guard case .object(let object) = value else {
            throw .malformedImport(line: line, detail: "it holds \(value.kindName) where an object should be")
        }
        self.object = object
        self.line = line
    }

    func fields(_ key: String) throws(StoreError) -> ExportFields {
        guard let value = object[key] else { throw missing(key, "an object") }
        return try ExportFields(value, line: line)
    }

    func optionalFields(_ key: String) throws(StoreError) -> ExportFields? {
        guard let value = object[key] else { return nil }
        return try ExportFields(value, line: line)
    }

    func text(_ key: String) throws(StoreError) -> String {
        guard let text = object[key]?.string else { throw missing(key, "a string") }
        return text
    }

    func optionalText(_ key: String) -> String? { object[key]?.string }

    func integer(_ key: String) throws(StoreError) -> Int64 {
        guard let integer = object[key]?.int else { throw missing(key, "an integer") }
        return integer
    }

    func optionalInteger(_ key: String) -> Int64? { object[key]?.int }

    func sequence(_ key: String) throws(StoreError) -> UInt64 {
        guard let sequence = UInt64(exactly: try integer(key)) else { throw missing(key, "not negative") }
        return sequence
    }

    func hash(_ key: String) throws(StoreError) -> Hash {
        guard let hash = Hash(hex: try text(key)) else { throw missing(key, "64 hexadecimal digits") }
        return hash
    }

    func bytes(_ key: String) throws(StoreError) -> [UInt8] {
        if let text = object[key]?.string { return Array(text.utf8) }
        guard let hex = object[key]?.object?["hex"]?.string, let bytes = Hex.bytes(hex) else {
            throw missing(key, "a string or {\"hex\":…}")
        }
        return bytes
    }

    func texts(_ key: String) throws(StoreError) -> [String] {
        guard let list = object[key]?.list else { throw missing(key, "a list of strings") }
        var texts: [String] = []
        for value in list {
            guard let text = value.string else { throw missing(key, "a list of strings") }
            texts.append(text)
        }
        return texts
    }

    private func missing(_ key: String, _ wanted: String) -> StoreError {
        .malformedImport(line: line, detail: "its field \"\(key)\" should be \(wanted)")
    }
}

extension ExportFields {
    func record() throws(StoreError) -> RoomRecord {
        RoomRecord(
            id: try text("id"), recipe: try text("recipe"), recipeVersion: try integer("recipe_version"),
            epoch: try text("epoch"), seq: try sequence("seq"), head: try hash("head"),
            createdAt: try integer("created_at"), updatedAt: try integer("updated_at"))
    }

    func fact() throws(StoreError) -> Fact {
        Fact(
            seq: try sequence("seq"), parent: try hash("parent"), id: try hash("id"), content: try bytes("content"))
    }

    func snapshot() throws(StoreError) -> StoredSnapshot {
        StoredSnapshot(seq: try sequence("seq"), state: try bytes("state"), head: try hash("head"))
    }

    func session(of room: String) throws(StoreError) -> SessionRecord {
        SessionRecord(
            room: room, id: try text("id"), secretHash: try hash("secret_hash"), user: optionalText("user"),
            name: optionalText("name"), roles: try texts("roles"), lastEvent: try integer("last_event"),
            createdAt: try integer("created_at"), disconnectedAt: optionalInteger("disconnected_at"),
            extra: try bytes("extra"))
    }

    func mark() throws(StoreError) -> Mark {
        Mark(session: try text("session"), event: try integer("event"), answer: try bytes("answer"))
    }

    func timer() throws(StoreError) -> TimerRecord {
        TimerRecord(
            id: try text("id"), dueAt: try integer("due_at"), handler: try text("handler"), data: try bytes("data"),
            kind: try text("kind"))
    }

    func outgoing() throws(StoreError) -> OutgoingRecord {
        OutgoingRecord(
            id: try text("id"), toRoom: try text("to_room"), event: try text("event"), data: try bytes("data"))
    }

    /// Exports of earlier versions do not say whether it is settled; they held the latest ones only.
    func received() throws(StoreError) -> ReceivedRecord {
        ReceivedRecord(id: try text("id"), isSettled: object["settled"]?.bool ?? true)
    }
}
