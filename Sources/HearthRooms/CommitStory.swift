package import HearthRecipes
package import HearthStore
package import HearthValues

/// How a commit came about, as its fact tells it: who did what, which runs were rolled back before and why, what it
/// waited for, what was merged.
package struct CommitStory: Sendable {
    package var commit: StoredCommit
    /// The session's number of the event; nil for what no participant sent.
    package var eventID: Int64?
    package var data: Value
    package var seed: UInt64
    package var recipeHash: String
    package var recipeVersion: Int64
    package var runs: Int
    /// What each run that was rolled back had met, oldest first.
    package var conflicts: [StoredConflict]
    /// Cells that both this event and one before it had changed.
    package var merged: [String]
    /// The commit that a merged event ran on.
    package var basis: UInt64?
    /// Waits that were over, in the order in which the handler came to them.
    package var waits: [StoredWait]
    /// Who sent it, with name and roles; nil where an earlier commit of the session tells, or no participant did.
    package var newcomer: Participant?

    /// - Throws: `RoomError.corrupt` when the content is not what this engine writes.
    package init(_ fact: Fact) throws(RoomError) {
        let object = try fact.object()
        commit = try StoredCommit(fact.seq, object)
        eventID = object["id"]?.int
        data = object["data"] ?? .null
        seed = UInt64(bitPattern: object["seed"]?.int ?? 0)
        let recipe = object["recipe"]?.object ?? Object()
        recipeHash = recipe["hash"]?.string ?? ""
        recipeVersion = recipe["version"]?.int ?? 0
        runs = Int(clamping: object["runs"]?.int ?? 1)
        conflicts = object["conflicts"]?.list?.compactMap(StoredConflict.init) ?? []
        merged = object["merged"]?.list?.compactMap(\.string) ?? []
        basis = object["basis"]?.int.map { UInt64(clamping: $0) }
        waits = object["waits"]?.list?.compactMap(StoredWait.init) ?? []
        if let who = object["who"]?.object, let session = commit.by {
            newcomer = Participant(
                id: who["id"]?.string ?? session, name: who["name"]?.string,
                roles: who["roles"]?.list?.compactMap(\.string) ?? [], session: session)
        }
    }
}

/// Why a run was rolled back.
package struct StoredConflict: Sendable, Hashable {
    /// Empty when the room had moved on too far to tell what changed.
    package var cell: String
    /// Where in the cell, as a JSON pointer.
    package var path: String
    package var expected: Value
    package var actual: Value
    /// The file and line of the recipe that used it; nil when unknown.
    package var file: String?
    package var line: Int?
    /// The commit that came first, and who made it.
    package var seq: UInt64
    package var event: String?
    package var participant: String?

    init?(_ json: Value) {
        guard let object = json.object else { return nil }
        let by = object["by"]?.object ?? Object()
        cell = object["cell"]?.string ?? ""
        path = object["path"]?.string ?? ""
        expected = object["expected"] ?? .null
        actual = object["actual"] ?? .null
        file = object["file"]?.string
        line = object["line"]?.int.flatMap { $0 > 0 ? Int($0) : nil }
        seq = UInt64(clamping: object["seq"]?.int ?? 0)
        event = by["event"]?.string
        participant = by["participant"]?.string
    }
}

/// A wait that was over.
package enum StoredWait: Sendable, Hashable {
    case slept(ms: Int64)
    /// - Parameter answer: nil when the time ran out or the participant left.
    case asked(session: String, name: String, data: Value, answer: Value?, timeoutMs: Int64)

    init?(_ json: Value) {
        guard let object = json.object else { return nil }
        if let ms = object["sleep"]?.int {
            self = .slept(ms: ms)
        } else if let name = object["ask"]?.string, let session = object["of"]?.string {
            self = .asked(
                session: session, name: name, data: object["data"] ?? .null, answer: object["answer"],
                timeoutMs: object["timeout"]?.int ?? 0)
        } else {
            return nil
        }
    }
}
