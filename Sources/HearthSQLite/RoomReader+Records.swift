internal import HearthStore

/// Everything of a room but its log.
extension RoomReader {
    func sessions(of number: Int64, _ room: String) throws(StoreError) -> [SessionRecord] {
        let query = try connection.query(
            """
            SELECT id, secret_hash, user, name, roles, last_event, created_at, disconnected_at, extra
            FROM sessions WHERE room = ? ORDER BY id
            """)
        return try RoomReader.collect(query.bind(1, number)) { query throws(StoreError) in
            guard let roles = RoleList.roles(query.text(4)) else {
                throw .corrupt(room: room, seq: nil, detail: "the roles of the session \(query.text(0))")
            }
            return SessionRecord(
                room: room, id: query.text(0), secretHash: try query.hash(1), user: query.optionalText(2),
                name: query.optionalText(3), roles: roles, lastEvent: query.integer(5),
                createdAt: query.integer(6), disconnectedAt: query.optionalInteger(7), extra: query.bytes(8))
        }
    }

    func marks(of number: Int64) throws(StoreError) -> [Mark] {
        let query = try connection.query(
            "SELECT session, event, answer FROM marks WHERE room = ? ORDER BY session, event")
        return try RoomReader.collect(query.bind(1, number)) { query in
            Mark(session: query.text(0), event: query.integer(1), answer: query.bytes(2))
        }
    }

    func timers(of number: Int64) throws(StoreError) -> [TimerRecord] {
        let query = try connection.query(
            "SELECT id, due_at, handler, data, kind FROM timers WHERE room = ? ORDER BY id")
        return try RoomReader.collect(query.bind(1, number)) { query in
            TimerRecord(
                id: query.text(0), dueAt: query.integer(1), handler: query.text(2), data: query.bytes(3),
                kind: query.text(4))
        }
    }

    func outgoing(of number: Int64) throws(StoreError) -> [OutgoingRecord] {
        let query = try connection.query(
            "SELECT id, to_room, event, data FROM outgoing WHERE room = ? ORDER BY place")
        return try RoomReader.collect(query.bind(1, number)) { query in
            OutgoingRecord(
                id: query.text(0), toRoom: query.text(1), event: query.text(2), data: query.bytes(3))
        }
    }

    func received(of number: Int64) throws(StoreError) -> [ReceivedRecord] {
        let query = try connection.query("SELECT id, settled FROM received WHERE room = ? ORDER BY place")
        return try RoomReader.collect(query.bind(1, number)) { query in
            ReceivedRecord(id: query.text(0), isSettled: query.integer(1) != 0)
        }
    }
}
