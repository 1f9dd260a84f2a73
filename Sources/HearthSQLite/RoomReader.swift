internal import HearthStore

/// Reads rooms on one connection, inside one read transaction: everything is as of one moment.
struct RoomReader {
    let connection: Connection

    private static let recordColumns =
        "number, id, recipe, recipe_version, epoch, seq, head, created_at, updated_at"

    func find(_ room: String) throws(StoreError) -> (number: Int64, record: RoomRecord)? {
        try RoomReader.naming(room) { () throws(StoreError) in
            let query = try connection.query("SELECT \(RoomReader.recordColumns) FROM rooms WHERE id = ?")
            query.bind(1, room)
            guard try query.next() else { return nil }
            defer { query.finish() }
            return (query.integer(0), try RoomReader.record(query))
        }
    }

    func load(_ room: String) throws(StoreError) -> StoredRoom? {
        guard let (number, record) = try find(room) else { return nil }
        return try RoomReader.naming(room) { () throws(StoreError) in
            let snapshot = try snapshot(of: number, atOrBefore: record.seq)
            let facts = try facts(of: number, after: snapshot?.seq ?? 0, upTo: record.seq, limit: .max)
            try FactChain.check(facts, after: snapshot, room: room, reaching: record.position)
            return StoredRoom(
                record: record, snapshot: snapshot, facts: facts, sessions: try sessions(of: number, room),
                marks: try marks(of: number), timers: try timers(of: number), outgoing: try outgoing(of: number),
                received: try received(of: number))
        }
    }

    func stored(_ room: String, at seq: UInt64) throws(StoreError) -> (StoredSnapshot?, [Fact])? {
        guard let (number, record) = try find(room), seq <= record.seq else { return nil }
        return try RoomReader.naming(room) { () throws(StoreError) in
            let snapshot = try snapshot(of: number, atOrBefore: seq)
            let facts = try facts(of: number, after: snapshot?.seq ?? 0, upTo: seq, limit: .max)
            try FactChain.check(facts, after: snapshot, room: room, reaching: nil)
            let reached = facts.last?.seq ?? snapshot?.seq ?? 0
            guard reached == seq else {
                throw .corrupt(room: room, seq: reached + 1, detail: "the log ends before seq \(seq)")
            }
            return (snapshot, facts)
        }
    }

    func facts(_ room: String, after seq: UInt64, limit: Int) throws(StoreError) -> [Fact] {
        guard let (number, record) = try find(room), seq < record.seq else { return [] }
        return try RoomReader.naming(room) { () throws(StoreError) in
            let count = Int64(min(max(limit, 0), StoreLimits.pageMax))
            return try facts(of: number, after: seq, upTo: StoreLimits.seqMax, limit: count)
        }
    }

    func snapshotPositions(_ room: String) throws(StoreError) -> [UInt64] {
        guard let (number, _) = try find(room) else { return [] }
        let query = try connection.query("SELECT key FROM snapshots WHERE key BETWEEN ? AND ? ORDER BY key")
        query.bind(1, LogKey.key(number, 0)).bind(2, LogKey.key(number, StoreLimits.seqMax))
        return try RoomReader.collect(query) { query in LogKey.seq(of: query.integer(0)) }
    }

    /// Puts the room's name on damage that was found without knowing it.
    static func naming<R>(_ room: String, _ body: () throws(StoreError) -> R) throws(StoreError) -> R {
        do throws(StoreError) {
            return try body()
        } catch {
            guard case .corrupt(nil, let seq, let detail) = error else { throw error }
            throw .corrupt(room: room, seq: seq, detail: detail)
        }
    }

    static func collect<R>(
        _ query: Query, _ row: (Query) throws(StoreError) -> R
    ) throws(StoreError) -> [R] {
        defer { query.finish() }
        var rows: [R] = []
        while try query.next() { rows.append(try row(query)) }
        return rows
    }

    private static func record(_ query: Query) throws(StoreError) -> RoomRecord {
        RoomRecord(
            id: query.text(1), recipe: query.text(2), recipeVersion: query.integer(3), epoch: query.text(4),
            seq: try query.sequence(5), head: try query.hash(6), createdAt: query.integer(7),
            updatedAt: query.integer(8))
    }
}

/// The log of one room.
extension RoomReader {
    private func snapshot(of number: Int64, atOrBefore seq: UInt64) throws(StoreError) -> StoredSnapshot? {
        let query = try connection.query(
            """
            SELECT key, head, checksum, state FROM snapshots WHERE key BETWEEN ? AND ? ORDER BY key DESC LIMIT 1
            """)
        query.bind(1, LogKey.key(number, 0)).bind(2, LogKey.key(number, seq))
        guard try query.next() else { return nil }
        defer { query.finish() }
        let found = LogKey.seq(of: query.integer(0))
        let state = query.bytes(3)
        guard try query.hash(2) == SHA256.hash(state) else {
            throw .corrupt(room: nil, seq: found, detail: "the snapshot does not match its checksum")
        }
        return StoredSnapshot(seq: found, state: state, head: try query.hash(1))
    }

    private func facts(
        of number: Int64, after seq: UInt64, upTo last: UInt64, limit: Int64
    ) throws(StoreError) -> [Fact] {
        let query = try connection.query(
            "SELECT key, parent, id, content FROM facts WHERE key > ? AND key <= ? ORDER BY key LIMIT ?")
        query.bind(1, LogKey.key(number, seq)).bind(2, LogKey.key(number, last)).bind(3, limit)
        return try RoomReader.collect(query) { query throws(StoreError) in
            let seq = LogKey.seq(of: query.integer(0))
            do throws(StoreError) {
                return Fact(
                    seq: seq, parent: try query.hash(1), id: try query.hash(2), content: query.bytes(3))
            } catch {
                guard case .corrupt(let room, nil, let detail) = error else { throw error }
                throw .corrupt(room: room, seq: seq, detail: detail)
            }
        }
    }
}

/// The rooms as a whole.
extension RoomReader {
    func rooms(recipe: String?, after: String?, limit: Int) throws(StoreError) -> [RoomRecord] {
        let filter = recipe == nil ? "" : "recipe = ?3 AND"
        let query = try connection.query(
            "SELECT \(RoomReader.recordColumns) FROM rooms WHERE \(filter) id > ?1 ORDER BY id LIMIT ?2")
        query.bind(1, RoomReader.cursor(after)).bind(2, RoomReader.count(limit))
        if let recipe { query.bind(3, recipe) }
        return try RoomReader.collect(query, RoomReader.record)
    }

    func roomCount() throws(StoreError) -> Int {
        // All entries of an index are counted without a look at any of them; those of rooms that are being imported are few.
        let query = try connection.query(
            "SELECT (SELECT count(*) FROM rooms) - (SELECT count(*) FROM rooms WHERE id >= ?1 AND id < ?2)")
        query.bind(1, StagedRoom.prefix).bind(2, RoomReader.cursor(nil))
        return try RoomReader.collect(query) { query in Int(query.integer(0)) }.first ?? 0
    }

    func dueRooms(before time: Int64, limit: Int) throws(StoreError) -> [DueRoom] {
        let query = try connection.query(
            """
            SELECT rooms.id, min(timers.due_at) AS due FROM timers JOIN rooms ON rooms.number = timers.room
            WHERE timers.due_at < ?1 AND rooms.id > ?2 GROUP BY rooms.id ORDER BY due, rooms.id LIMIT ?3
            """)
        query.bind(1, time).bind(2, RoomReader.cursor(nil)).bind(3, RoomReader.count(limit))
        return try RoomReader.collect(query) { query in DueRoom(room: query.text(0), dueAt: query.integer(1)) }
    }

    func roomsWithOutgoing(after: String?, limit: Int) throws(StoreError) -> [String] {
        let query = try connection.query(
            """
            SELECT id FROM rooms WHERE number IN (SELECT DISTINCT room FROM outgoing) AND id > ?
            ORDER BY id LIMIT ?
            """)
        query.bind(1, RoomReader.cursor(after)).bind(2, RoomReader.count(limit))
        return try RoomReader.collect(query) { query in query.text(0) }
    }

    func stagedRooms() throws(StoreError) -> [String] {
        let query = try connection.query("SELECT id FROM rooms WHERE id >= ? AND id < ?")
        query.bind(1, StagedRoom.prefix).bind(2, RoomReader.cursor(nil))
        return try RoomReader.collect(query) { query in query.text(0) }
    }

    /// Where a list begins: at the least beyond the rooms that are still being imported.
    private static func cursor(_ after: String?) -> String {
        guard let after, !StagedRoom.isStaged(after) else { return "\u{2}" }
        return after
    }

    private static func count(_ limit: Int) -> Int64 {
        Int64(min(max(limit, 0), StoreLimits.pageMax))
    }
}
