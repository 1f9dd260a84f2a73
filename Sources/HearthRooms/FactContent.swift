import HearthCells
package import HearthRecipes
package import HearthStore
import HearthTransactions
package import HearthValues

/// What a fact says, as canonical JSON: who did what when, under which code, and what it changed.
///
/// The patch holds stored cells only; derived cells follow from them. `data` and `seed` are there so that the event can
/// be run again through the same or newer code.
struct FactContent {
    let commit: Commit
    let cause: Cause
    /// What ran.
    let code: RoomCode
    /// What few commits have to tell.
    let rare: Rare?

    final class Rare {
        let story: Story
        /// Whose event it is, where the room's facts have not told yet.
        let newcomer: Participant?

        init(story: Story, newcomer: Participant?) {
            self.story = story
            self.newcomer = newcomer
        }
    }

    func write(into sink: inout ByteSink) {
        let story = rare?.story
        // Keys in canonical (sorted) order.
        sink.append("{\"at\":")
        sink.appendInt(cause.at)
        if let basis = story?.basis {
            sink.append(",\"basis\":")
            sink.appendInt(Int64(basis))
        }
        sink.append(",\"by\":")
        if let session = cause.session { sink.appendJSONString(session) } else { sink.append("null") }
        if let met = story?.met, !met.isEmpty {
            sink.append(",\"conflicts\":")
            JSON.write(.list(List(met.map { $0.json(of: code.runtime.recipe) })), into: &sink)
        }
        sink.append(",\"data\":")
        JSON.write(cause.data, into: &sink)
        sink.append(",\"event\":")
        sink.appendJSONString(cause.event)
        if let id = cause.eventID {
            sink.append(",\"id\":")
            sink.appendInt(id)
        }
        if let merged = story?.merged, !merged.isEmpty {
            sink.append(",\"merged\":")
            JSON.write(.list(List(merged.map { .string($0) })), into: &sink)
        }
        sink.append(",\"patch\":")
        commit.writes.writePatch(into: &sink)
        sink.append(",\"recipe\":")
        sink.append(contentsOf: code.factStamp)
        if let runs = story?.runs, runs > 1 {
            sink.append(",\"runs\":")
            sink.appendInt(runs)
        }
        sink.append(",\"seed\":")
        sink.appendInt(Int64(bitPattern: cause.seed))
        if let waits = story?.waits, !waits.isEmpty {
            sink.append(",\"waits\":")
            JSON.write(.list(List(waits.map(\.json))), into: &sink)
        }
        if let newcomer = rare?.newcomer {
            sink.append(",\"who\":")
            JSON.write(newcomer.stored, into: &sink)
        }
        sink.append("}")
    }
}

extension [Change] {
    /// Writes the patch that makes these changes, the same bytes as writing it as a ``Patch``.
    fileprivate func writePatch(into sink: inout ByteSink) {
        var separator = UInt8(ascii: "[")
        forEachOperation { operation in
            sink.append(separator)
            operation.write(into: &sink)
            separator = UInt8(ascii: ",")
        }
        if isEmpty { sink.append(separator) }
        sink.append("]")
    }
}

extension Participant {
    /// Without the session, which stands beside it.
    fileprivate var stored: Value {
        var object: Object = ["id": .string(id), "roles": .list(List(roles.map { .string($0) }))]
        object["name"] = name.map { .string($0) }
        return .object(object)
    }
}

/// The cells of a room as of the last of some facts.
package enum RoomHistory {
    /// What a recipe derives from these cells, on the runtime's executor.
    /// - Returns: nil when a derived cell fails on them.
    package static func derivedCells(of stored: Object, by runtime: RecipeRuntime) -> Object? {
        guard var graph = try? runtime.makeDerivedGraph(), graph.rebuild(from: CellState(cells: stored)) == nil else {
            return nil
        }
        return graph.values
    }

    /// - Complexity: O(size of the snapshot + size of the facts).
    /// - Throws: `RoomError.corrupt` when the snapshot or a fact cannot be read or does not apply.
    package static func cells(snapshot: [UInt8]?, facts: [Fact]) throws(RoomError) -> Object {
        var cells = Object()
        if let snapshot {
            guard let value = try? JSON.parse(snapshot, links: .parsed), case .object(let object) = value else {
                throw .corrupt("the snapshot is not a JSON object")
            }
            cells = object
        }
        return try self.cells(after: facts, on: cells)
    }

    /// The cells after some more facts.
    /// - Throws: `RoomError.corrupt` when a fact cannot be read or does not apply.
    package static func cells(after facts: [Fact], on cells: Object) throws(RoomError) -> Object {
        var state = Value.object(cells)
        for fact in facts {
            let commit = try StoredCommit(fact)
            do { try commit.patch.apply(to: &state) } catch {
                throw .corrupt("fact \(fact.seq) does not apply: \(error)")
            }
        }
        guard case .object(let cells) = state else { throw .corrupt("the state is not an object") }
        return cells
    }
}
