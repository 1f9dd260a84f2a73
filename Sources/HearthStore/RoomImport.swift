internal import HearthValues

/// Takes an exported room into a store, line by line.
///
/// The room is gathered under a name that nobody sees, and appears under its own when the last line has been read and
/// everything fits together; until then nothing is visible, whatever happens. Each fact's id and parent are checked.
package struct RoomImport {
    private let store: any RoomStore
    private let requestedName: String?
    private var record: RoomRecord?
    private var pending: RoomWrite?
    private var pendingBytes = 0
    private var last = RoomPosition(seq: 0, head: .zero)
    private var line = 0
    private var isEnded = false

    /// Bytes gathered before they are written in one commit.
    private static let commitBytes = 4 << 20

    /// - Parameter name: the room's id in this store; nil for the one it was exported under.
    package init(into store: any RoomStore, as name: String? = nil) {
        self.store = store
        requestedName = name
    }

    /// Facts taken in so far, and how many there are to be; nil before the first line.
    package var progress: (done: UInt64, total: UInt64)? { record.map { (last.seq, $0.seq) } }

    /// The id that the room will have; nil before the first line.
    package var room: String? { record?.id }

    /// Takes the next line, with or without its newline.
    /// - Throws: `malformedImport`; `exists` for the first line when there is such a room; or why the store refused.
    ///   The import is over then, and nothing of it remains.
    package mutating func accept(line bytes: [UInt8]) throws(StoreError) {
        line += 1
        do throws(StoreError) {
            try take(bytes)
        } catch {
            abandon()
            throw error
        }
    }

    /// Makes the room appear.
    /// - Returns: its record.
    /// - Throws: `malformedImport` when lines are missing, `exists` when a room of that name has appeared meanwhile.
    package mutating func finish() throws(StoreError) -> RoomRecord {
        do throws(StoreError) {
            guard let record, isEnded else { throw .malformedImport(line: line + 1, detail: "the file ends too early") }
            try flush()
            var write = RoomWrite(room: StagedRoom.id(for: record.id))
            write.expectedHead = record.head
            write.renameTo = record.id
            try store.commit([write])
            return record
        } catch {
            abandon()
            throw error
        }
    }

    /// Forgets what has been taken in.
    package mutating func abandon() {
        guard let record else { return }
        self.record = nil
        isEnded = false
        var write = RoomWrite(room: StagedRoom.id(for: record.id))
        write.deleteRoom = true
        // What a store that fails keeps of it is removed when a server opens it next.
        try? store.commit([write])
    }

    private mutating func take(_ bytes: [UInt8]) throws(StoreError) {
        let value: Value
        do {
            value = try JSON.parse(bytes)
        } catch {
            throw .malformedImport(line: line, detail: error.message)
        }
        let fields = try ExportFields(value, line: line)
        if isEnded { throw .malformedImport(line: line, detail: "there is something after the end") }
        guard let record else {
            if line > 1 { throw .malformedImport(line: line, detail: "the import has failed already") }
            return try begin(fields)
        }
        try take(fields, into: record)
        pendingBytes += bytes.count
        if pendingBytes >= RoomImport.commitBytes { try flush() }
    }

    private mutating func begin(_ fields: ExportFields) throws(StoreError) {
        let version = try fields.integer("hearth_export")
        guard version == ExportFormat.version else {
            let detail = "the format has version \(version), this server knows \(ExportFormat.version)"
            throw .malformedImport(line: line, detail: detail)
        }
        var record = try fields.fields("room").record()
        record.id = requestedName ?? record.id
        if try store.record(room: record.id) != nil { throw .exists(room: record.id) }
        let staged = StagedRoom.id(for: record.id)
        if try store.record(room: staged) != nil {
            var leftover = RoomWrite(room: staged)
            leftover.deleteRoom = true
            try store.commit([leftover])
        }
        var write = RoomWrite(room: staged)
        write.create = RoomRecord(
            id: staged, recipe: record.recipe, recipeVersion: record.recipeVersion, epoch: record.epoch,
            createdAt: record.createdAt, updatedAt: record.updatedAt)
        try store.commit([write])
        self.record = record
    }

    private mutating func take(_ fields: ExportFields, into record: RoomRecord) throws(StoreError) {
        let staged = StagedRoom.id(for: record.id)
        var write = pending ?? RoomWrite(room: staged)
        if let fact = try fields.optionalFields("fact")?.fact() {
            if let fault = FactChain.fault(of: fact, after: last) {
                throw .malformedImport(line: line, detail: "at seq \(last.seq + 1): \(fault)")
            }
            last = RoomPosition(seq: fact.seq, head: fact.id)
            write.facts.append(fact)
        } else if let snapshot = try fields.optionalFields("snapshot")?.snapshot() {
            guard snapshot.seq == last.seq, snapshot.head == last.head else {
                throw .malformedImport(line: line, detail: "the snapshot is not of the fact before it")
            }
            pending = write
            try flush()
            // Nothing rests on it: a room whose snapshot cannot be kept is only slower to load.
            try? store.keep(snapshot, of: staged)
            return
        } else if let session = try fields.optionalFields("session")?.session(of: staged) {
            write.sessions.append(session)
        } else if let mark = try fields.optionalFields("mark")?.mark() {
            write.marks.append(mark)
        } else if let timer = try fields.optionalFields("timer")?.timer() {
            write.timersSet.append(timer)
        } else if let message = try fields.optionalFields("outgoing")?.outgoing() {
            write.outgoingAdded.append(message)
        } else if let received = try fields.optionalFields("received") {
            let delivery = try received.received()
            write.received.append(delivery.id)
            if delivery.isSettled { write.receivedSettled.append(delivery.id) }
        } else if let end = try fields.optionalFields("end") {
            try takeEnd(end, of: record)
        }
        pending = write
    }

    private mutating func takeEnd(_ end: ExportFields, of record: RoomRecord) throws(StoreError) {
        guard try end.sequence("facts") == last.seq, last == record.position else {
            throw .malformedImport(line: line, detail: "the log does not lead to the room's head")
        }
        isEnded = true
    }

    private mutating func flush() throws(StoreError) {
        guard let pending else { return }
        self.pending = nil
        pendingBytes = 0
        try store.commit([pending])
    }
}
