internal import HearthStore

/// Makes checked writes on the writing connection, inside a transaction that somebody else ends.
struct RoomWriter {
    let connection: Connection
    let faults: FaultPlan?
    /// Rows of deleted rooms that are removed at a time.
    let removalShare: Int

    /// - Returns: the number of the room that it deletes.
    func apply(_ write: RoomWrite) throws(StoreError) -> Int64? {
        let known = try find(write.room)
        let next = try write.checked(against: known?.position)
        if let known, write.deleteRoom {
            try delete(known.number)
            return known.number
        }
        let number: Int64
        if let record = write.create {
            number = try insert(record)
        } else if let known {
            number = known.number
        } else {
            throw .missing(room: write.room)
        }
        for fact in write.facts { try append(fact, to: number) }
        try applySessions(write, to: number)
        try applyTimers(write, to: number)
        try applyMessages(write, to: number)
        try updateRecord(write, number, reaching: next, from: known?.position)
        if let name = write.renameTo { try rename(number, to: name) }
        return nil
    }

    /// Runs a statement, unless a test wants it to fail.
    func run(_ query: Query) throws(StoreError) {
        try faults?.step()
        try query.run()
    }

    private func find(_ room: String) throws(StoreError) -> (number: Int64, position: RoomPosition)? {
        let query = try connection.query("SELECT number, seq, head FROM rooms WHERE id = ?")
        query.bind(1, room)
        guard try query.next() else { return nil }
        defer { query.finish() }
        return (query.integer(0), RoomPosition(seq: try query.sequence(1), head: try query.hash(2)))
    }

    private func insert(_ record: RoomRecord) throws(StoreError) -> Int64 {
        let query = try connection.query(
            """
            INSERT INTO rooms (id, recipe, recipe_version, epoch, seq, head, created_at, updated_at)
            VALUES (?, ?, ?, ?, 0, ?, ?, ?)
            """)
        query.bind(1, record.id).bind(2, record.recipe).bind(3, record.recipeVersion).bind(4, record.epoch)
        query.bind(5, Hash.zero).bind(6, record.createdAt).bind(7, record.updatedAt)
        try run(query)
        let number = connection.lastInsertedNumber
        guard number <= LogKey.roomNumberMax else {
            throw .rejected(room: record.id, detail: "the store holds \(LogKey.roomNumberMax) rooms already")
        }
        return number
    }

    private func updateRecord(
        _ write: RoomWrite, _ number: Int64, reaching next: RoomPosition, from known: RoomPosition?
    ) throws(StoreError) {
        let isMoved = next != known ?? RoomPosition(seq: 0, head: .zero)
        guard isMoved || write.updatedAt != nil || write.recipeVersion != nil else { return }
        let query = try connection.query(
            """
            UPDATE rooms SET seq = ?2, head = ?3, updated_at = coalesce(?4, updated_at),
                recipe_version = coalesce(?5, recipe_version) WHERE number = ?1
            """)
        query.bind(1, number).bind(2, Int64(next.seq)).bind(3, next.head)
        query.bind(4, write.updatedAt).bind(5, write.recipeVersion)
        try run(query)
    }

    private func rename(_ number: Int64, to name: String) throws(StoreError) {
        if try find(name) != nil { throw .exists(room: name) }
        let query = try connection.query("UPDATE rooms SET id = ? WHERE number = ?")
        try run(query.bind(1, name).bind(2, number))
    }

    private func append(_ fact: Fact, to number: Int64) throws(StoreError) {
        let query = try connection.query("INSERT INTO facts (key, parent, id, content) VALUES (?, ?, ?, ?)")
        query.bind(1, LogKey.key(number, fact.seq)).bind(2, fact.parent).bind(3, fact.id).bind(4, fact.content)
        try run(query)
    }

    /// Takes the room out of sight. What belongs to it is left to `removeShare`: of a large one it is too much for one commit.
    private func delete(_ number: Int64) throws(StoreError) {
        let query = try connection.query("UPDATE rooms SET id = ? WHERE number = ?")
        try run(query.bind(1, StagedRoom.removedID(number)).bind(2, number))
    }

    /// Tables with what belongs to rooms, and the columns that tell the rows of one room apart.
    private static let belongings = [
        ("marks", "session, event"), ("sessions", "id"), ("timers", "id"), ("outgoing", "id"), ("received", "place"),
    ]

    /// Removes a share of what a deleted room has left.
    /// - Returns: whether that was the last of it.
    func removeShare(of number: Int64) throws(StoreError) -> Bool {
        var budget = removalShare
        for (table, columns) in RoomWriter.belongings {
            let query = try connection.query(
                """
                DELETE FROM \(table) WHERE room = ?1
                    AND (\(columns)) IN (SELECT \(columns) FROM \(table) WHERE room = ?1 LIMIT ?2)
                """)
            try run(query.bind(1, number).bind(2, Int64(budget)))
            budget -= connection.changedRows
            if budget <= 0 { return false }
        }
        if try removeFacts(of: number, budget) { return false }
        try run(try connection.query("DELETE FROM rooms WHERE number = ?").bind(1, number))
        return true
    }

    /// - Returns: whether there are more.
    private func removeFacts(of number: Int64, _ count: Int) throws(StoreError) -> Bool {
        let next = try connection.query("SELECT key FROM facts WHERE key BETWEEN ? AND ? ORDER BY key LIMIT 1 OFFSET ?")
        let last = LogKey.key(number, StoreLimits.seqMax)
        next.bind(1, LogKey.key(number, 0)).bind(2, last).bind(3, Int64(count))
        let rest = try next.next() ? next.integer(0) : nil
        next.finish()
        let query = try connection.query("DELETE FROM facts WHERE key BETWEEN ? AND ?")
        try run(query.bind(1, LogKey.key(number, 0)).bind(2, rest.map { $0 - 1 } ?? last))
        return rest != nil
    }
}
