internal import HearthStore

/// Everything of a room but its log.
extension RoomWriter {
    func applySessions(_ write: RoomWrite, to number: Int64) throws(StoreError) {
        for session in write.sessions { try upsert(session, in: number) }
        var marked: [String] = []
        for mark in write.marks {
            let query = try connection.query(
                "INSERT OR REPLACE INTO marks (room, session, event, answer) VALUES (?, ?, ?, ?)")
            try run(query.bind(1, number).bind(2, mark.session).bind(3, mark.event).bind(4, mark.answer))
            if marked.last != mark.session { marked.append(mark.session) }
        }
        for session in marked {
            let query = try connection.query(
                """
                DELETE FROM marks WHERE room = ?1 AND session = ?2
                    AND event <= (SELECT max(event) FROM marks WHERE room = ?1 AND session = ?2) - ?3
                """)
            try run(query.bind(1, number).bind(2, session).bind(3, StoreLimits.marksPerSession))
        }
        for id in write.endedSessions {
            let sessions = try connection.query("DELETE FROM sessions WHERE room = ? AND id = ?")
            try run(sessions.bind(1, number).bind(2, id))
            let marks = try connection.query("DELETE FROM marks WHERE room = ? AND session = ?")
            try run(marks.bind(1, number).bind(2, id))
        }
    }

    private func upsert(_ session: SessionRecord, in number: Int64) throws(StoreError) {
        let query = try connection.query(
            """
            INSERT OR REPLACE INTO sessions
                (room, id, secret_hash, user, name, roles, last_event, created_at, disconnected_at, extra)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """)
        query.bind(1, number).bind(2, session.id).bind(3, session.secretHash).bind(4, session.user)
        query.bind(5, session.name).bind(6, RoleList.text(session.roles)).bind(7, session.lastEvent)
        query.bind(8, session.createdAt).bind(9, session.disconnectedAt).bind(10, session.extra)
        try run(query)
    }

    func applyTimers(_ write: RoomWrite, to number: Int64) throws(StoreError) {
        for id in write.timersCancelled {
            let query = try connection.query("DELETE FROM timers WHERE room = ? AND id = ?")
            try run(query.bind(1, number).bind(2, id))
        }
        for timer in write.timersSet {
            let query = try connection.query(
                "INSERT OR REPLACE INTO timers (room, id, due_at, handler, data, kind) VALUES (?, ?, ?, ?, ?, ?)")
            query.bind(1, number).bind(2, timer.id).bind(3, timer.dueAt).bind(4, timer.handler)
            try run(query.bind(5, timer.data).bind(6, timer.kind))
        }
    }

    func applyMessages(_ write: RoomWrite, to number: Int64) throws(StoreError) {
        for id in write.outgoingDone {
            let query = try connection.query("DELETE FROM outgoing WHERE room = ? AND id = ?")
            try run(query.bind(1, number).bind(2, id))
        }
        for message in write.outgoingAdded {
            let query = try connection.query(
                """
                INSERT INTO outgoing (room, id, place, to_room, event, data)
                VALUES (?1, ?2, (SELECT coalesce(max(place), 0) + 1 FROM outgoing WHERE room = ?1), ?3, ?4, ?5)
                ON CONFLICT DO UPDATE SET to_room = ?3, event = ?4, data = ?5
                """)
            query.bind(1, number).bind(2, message.id).bind(3, message.toRoom)
            try run(query.bind(4, message.event).bind(5, message.data))
        }
        try applyReceived(write, to: number)
    }

    private func applyReceived(_ write: RoomWrite, to number: Int64) throws(StoreError) {
        for id in write.received {
            let query = try connection.query(
                """
                INSERT OR IGNORE INTO received (room, place, id, settled)
                VALUES (?1, (SELECT coalesce(max(place), 0) + 1 FROM received WHERE room = ?1), ?2, 0)
                """)
            try run(query.bind(1, number).bind(2, id))
        }
        for id in write.receivedSettled {
            let query = try connection.query("UPDATE received SET settled = 1 WHERE room = ? AND id = ?")
            try run(query.bind(1, number).bind(2, id))
        }
        if write.received.isEmpty && write.receivedSettled.isEmpty { return }
        let query = try connection.query(
            """
            DELETE FROM received WHERE room = ?1
                AND place <= (SELECT max(place) FROM received WHERE room = ?1) - CASE settled WHEN 0 THEN ?3 ELSE ?2 END
            """)
        query.bind(1, number).bind(2, Int64(StoreLimits.receivedMax))
        try run(query.bind(3, Int64(StoreLimits.receivedOpenMax)))
    }
}

/// The roles of a session in one column: each with the count of its bytes before it, so that any text may be a role.
enum RoleList {
    static func text(_ roles: [String]) -> String {
        var text = ""
        for role in roles { text += "\(role.utf8.count):\(role)" }
        return text
    }

    /// - Returns: nil when the text is damaged.
    static func roles(_ text: String) -> [String]? {
        var rest = Array(text.utf8)[...]
        var roles: [String] = []
        while !rest.isEmpty {
            guard let colon = rest.firstIndex(of: UInt8(ascii: ":")),
                let count = Int(String(decoding: rest[..<colon], as: UTF8.self)), count >= 0,
                rest.count - (colon - rest.startIndex) > count
            else { return nil }
            let start = rest.index(after: colon)
            roles.append(String(decoding: rest[start..<start + count], as: UTF8.self))
            rest = rest[(start + count)...]
        }
        return roles
    }
}
