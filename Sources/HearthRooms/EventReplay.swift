import HearthCells
package import HearthRecipes
import HearthTransactions
package import HearthValues

/// Runs an event that was committed once more, through the same or another version of its recipe, on the cells as they
/// were before it. Nothing is stored, and effects go nowhere.
package enum EventReplay {
    package enum Outcome: Sendable {
        /// What the cells would be now, against what they became; empty when nothing differs.
        case ran([PatchOperation])
        /// The handler fails, where it did not.
        case failed(Failure)
        /// It comes to a wait that the event did not have.
        case waits
        /// What no handler did: a join, a leave, a change of recipe.
        case notAnEvent
    }

    /// - Parameters:
    ///   - before: the stored cells before the commit.
    ///   - who: who sent it, as far as that is known; facts keep the session only.
    package static func run(
        _ story: CommitStory, on before: Object, by runtime: RecipeRuntime, who: Participant?
    ) -> Outcome {
        guard let event = story.commit.event, runtime.recipe.handlers[event] != nil,
            story.commit.by == nil || who != nil,
            story.eventID != nil || story.commit.by == nil
        else { return .notAnEvent }
        let state = CellState(cells: before)
        guard var derived = try? runtime.makeDerivedGraph() else { return .notAnEvent }
        if let error = derived.rebuild(from: state) { return .failed(Failure(derived: error)) }
        var transaction = Transaction(basis: story.commit.seq - 1, state: state)
        let invocation = Invocation(
            entry: .handler(event), data: story.data, who: who, now: story.commit.at, seed: story.seed,
            run: story.runs, room: "", participants: who.map { [$0] } ?? [], finished: story.waits.map(\.finished),
            isTrusted: true)
        switch runtime.run(invocation, in: &transaction, derived: &derived, ephemeral: Object()) {
        case .failure(let failure), .lost(_, let failure): return .failed(failure)
        case .waiting: return .waits
        case .success:
            let (cells, _) = transaction.end()
            var after = Value.object(before)
            guard (try? story.commit.patch.apply(to: &after)) != nil else { return .notAnEvent }
            return .ran(differences(from: after, to: .object(cells.cells), in: runtime.recipe))
        }
    }

    /// Cells made on demand are collected with the commit when nothing links to them; the run itself does not do that.
    private static func differences(from after: Value, to now: Value, in recipe: Recipe) -> [PatchOperation] {
        Patch.diff(from: after, to: now).filter { operation in
            guard case .add(let pointer, _) = operation, pointer.tokens.count == 1, let cell = pointer.tokens.first
            else {
                return true
            }
            return recipe.declaration(ofCell: cell)?.scope != .many
        }
    }
}

extension StoredWait {
    fileprivate var finished: FinishedWait {
        switch self {
        case .slept(let ms): FinishedWait(.sleep(ms: ms))
        case .asked(let session, let name, let data, let answer, let timeoutMs):
            FinishedWait(.ask(session: session, name: name, data: data, timeoutMs: timeoutMs), answer: answer)
        }
    }
}
