internal import HearthStore

/// Reads rooms on one connection, inside one read transaction: everything is as of one moment.
struct RoomReader {
    let connection: Connection
    let snapshots: SnapshotFolder

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

    /// Whether the room is there and has this fact: zero at 0, before the first.
    func hasFact(_ seq: UInt64, _ id: Hash, of number: Int64) throws(StoreError) -> Bool {
        guard try hasRoom(number) else { return false }
        return try self.id(of: seq, in: number) == id
    }

    func hasRoom(_ number: Int64) throws(StoreError) -> Bool {
        let query = try connection.query("SELECT id FROM rooms WHERE number = ?")
        defer { query.finish() }
        return try query.bind(1, number).next() && query.text(0) != StagedRoom.removedID(number)
    }

    func load(_ room: String) throws(StoreError) -> StoredRoom? {
        guard let (number, record) = try find(room) else { return nil }
        return try RoomReader.naming(room) { () throws(StoreError) in
            var passedOver: [String] = []
            let snapshot = try usableSnapshot(of: number, atOrBefore: record.seq, &passedOver)
            let facts = try facts(of: number, after: snapshot?.seq ?? 0, upTo: record.seq, limit: .max)
            try FactChain.check(facts, after: snapshot, room: room, reaching: record.position)
            return StoredRoom(
                record: record, snapshot: snapshot, facts: facts, sessions: try sessions(of: number, room),
                marks: try marks(of: number), timers: try timers(of: number), outgoing: try outgoing(of: number),
                received: try received(of: number), passedOver: passedOver)
        }
    }

    func stored(_ room: String, at seq: UInt64) throws(StoreError) -> (StoredSnapshot?, [Fact])? {
        guard let (number, record) = try find(room), seq <= record.seq else { return nil }
        return try RoomReader.naming(room) { () throws(StoreError) in
            var passedOver: [String] = []
            let snapshot = try usableSnapshot(of: number, atOrBefore: seq, &passedOver)
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
        guard let (number, record) = try find(room) else { return [] }
        return try RoomReader.naming(room) { () throws(StoreError) in
            try snapshots.positions(of: number).filter { $0 <= record.seq }
        }
    }

    func snapshot(_ room: String, at seq: UInt64) throws(StoreError) -> StoredSnapshot? {
        guard let (number, record) = try find(room), seq <= record.seq else { return nil }
        return try RoomReader.naming(room) { () throws(StoreError) in try snapshot(of: number, at: seq) }
    }

    /// The number of the room that the snapshot is of.
    /// - Throws: `missing` or `rejected` when its log has no such fact.
    func holder(of snapshot: StoredSnapshot, in room: String) throws(StoreError) -> Int64 {
        let known = try find(room)
        try snapshot.check(room: room, at: known?.record.position) { (seq) throws(StoreError) in
            guard let known else { return nil }
            return try id(of: seq, in: known.number)
        }
        guard let known else { throw .missing(room: room) }
        return known.number
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
    /// The newest snapshot that is whole and of this log: one that is not is passed over, for the facts before it are all there.
    private func usableSnapshot(
        of number: Int64, atOrBefore seq: UInt64, _ passedOver: inout [String]
    ) throws(StoreError) -> StoredSnapshot? {
        var positions: [UInt64] = []
        do throws(StoreError) { positions = try snapshots.positions(of: number) } catch {
            passedOver.append(RoomReader.detail(of: error))
        }
        for position in positions.reversed() where position <= seq {
            do throws(StoreError) {
                if let snapshot = try snapshot(of: number, at: position) { return snapshot }
            } catch {
                passedOver.append(RoomReader.detail(of: error))
            }
        }
        return nil
    }

    private static func detail(of error: StoreError) -> String {
        if case .corrupt(_, _, let detail) = error { detail } else { error.message }
    }

    private func snapshot(of number: Int64, at seq: UInt64) throws(StoreError) -> StoredSnapshot? {
        try snapshots.read(seq, of: number) { seq, head throws(StoreError) in try id(of: seq, in: number) == head }
    }

    /// - Returns: nil when there is no such fact; zero for 0, before the first.
    private func id(of seq: UInt64, in number: Int64) throws(StoreError) -> Hash? {
        if seq == 0 { return .zero }
        let query = try connection.query("SELECT id FROM facts WHERE key = ?")
        guard try query.bind(1, LogKey.key(number, seq)).next() else { return nil }
        defer { query.finish() }
        return try query.hash(0)
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
        query.bind(1, StagedRoom.importPrefix).bind(2, RoomReader.cursor(nil))
        return try RoomReader.collect(query) { query in query.text(0) }
    }

    /// The number of a room that was deleted and has left something.
    func removedRoom() throws(StoreError) -> Int64? {
        let query = try connection.query("SELECT number FROM rooms WHERE id >= ? AND id < ? LIMIT 1")
        query.bind(1, StagedRoom.removedPrefix).bind(2, StagedRoom.importPrefix)
        return try RoomReader.collect(query) { query in query.integer(0) }.first
    }

    /// Where a list begins: at the least beyond the rooms that are still being imported.
    private static func cursor(_ after: String?) -> String {
        guard let after, let first = after.utf8.first, first > 1 else { return "\u{2}" }
        return after
    }

    private static func count(_ limit: Int) -> Int64 {
        Int64(min(max(limit, 0), StoreLimits.pageMax))
    }
}
