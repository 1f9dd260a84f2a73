import HearthRooms
import HearthSQLite
import HearthStore
import HearthValues

/// A room's cells and commits, from a data folder or a running server.
///
/// A server tells what everyone may see; a folder everything that is stored, but no derived cells.
struct Chronicle {
    struct Entry {
        var seq: UInt64
        var at: Int64
        var by: String?
        var event: String?
        var patch: Patch
        /// 1 where it is not known.
        var runs = 1
        var conflicts: [StoredConflict] = []
        var data = Value.null
    }

    let source: RoomSource
    let room: String

    /// - Parameter seq: the newest commit unless given.
    /// - Throws: `CommandFailure` when there is no such room or commit.
    func cells(at seq: UInt64? = nil) async throws -> (seq: UInt64, cells: Object) {
        if let client = source.client {
            let answer = try await client.ask(
                "GET", ["rooms", room, "cells"], query: [("at", seq.map { String($0) })])
            guard let object = answer.object, let cells = object["cells"]?.object, let found = object["seq"]?.int else {
                throw CommandFailure("\(client.address) did not answer as a Hearth server does.")
            }
            return (UInt64(clamping: found), cells)
        }
        return try source.folder.withStore(.readOnly) { store in
            guard let record = try store.record(room: room) else { throw StoreError.missing(room: room) }
            guard let (snapshot, facts) = try store.stored(room: room, at: seq ?? record.seq) else {
                throw CommandFailure("\(room) has \(record.seq) commits; there is no commit \(seq ?? record.seq).")
            }
            do {
                return (seq ?? record.seq, try RoomHistory.cells(snapshot: snapshot?.state, facts: facts))
            } catch let error as RoomError {
                throw CommandFailure("\(room) cannot be read: \(error.message). Run `hearth verify \(room)`.")
            }
        }
    }

    /// At most a thousand commits after `seq`, oldest first.
    func commits(after seq: UInt64, limit: Int = 1_000) async throws -> [Entry] {
        if let client = source.client {
            let answer = try await client.ask(
                "GET", ["rooms", room, "commits"],
                query: [("since", String(seq)), ("limit", String(min(limit, 1_000)))])
            return try (answer.object?["commits"]?.list ?? List([])).map { try Self.entry($0, client) }
        }
        return try source.folder.withStore(.readOnly) { store in
            guard try store.record(room: room) != nil else { throw StoreError.missing(room: room) }
            return try store.facts(room: room, after: seq, limit: min(limit, 1_000)).map { fact in
                do {
                    let story = try CommitStory(fact)
                    return Entry(
                        seq: fact.seq, at: story.commit.at, by: story.commit.by, event: story.commit.event,
                        patch: story.commit.patch, runs: story.runs, conflicts: story.conflicts, data: story.data)
                } catch let error as RoomError {
                    throw CommandFailure("\(room) cannot be read: \(error.message). Run `hearth verify \(room)`.")
                }
            }
        }
    }

    private static func entry(_ json: Value, _ client: RoomServer) throws -> Entry {
        guard let object = json.object, let seq = object["seq"]?.int, let at = object["at"]?.int,
            let patch = try? Patch(json: object["patch"] ?? .null)
        else { throw CommandFailure("\(client.address) did not answer as a Hearth server does.") }
        return Entry(
            seq: UInt64(clamping: seq), at: at, by: object["by"]?.string, event: object["event"]?.string, patch: patch)
    }
}
