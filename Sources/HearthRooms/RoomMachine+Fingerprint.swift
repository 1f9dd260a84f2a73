import HearthCells
import HearthStore
import HearthTransactions
import HearthValues

/// Everything of a room that a rollback must leave as it was, as text: for tests that compare.
extension RoomMachine {
    /// - Complexity: O(size of the room).
    func fingerprint() -> [String] {
        [
            "seq \(head.seq) \(head.head.hex)",
            "code \(head.code.stamp) \(head.code.generation) \(shown.generation) \(laterReload?.generation ?? 0)",
            "cells \(JSON.text(.object(head.cells.cells)))",
            "links \(JSON.text(.object(head.cells.linkCounts)))",
            "derived \(head.derived.fingerprint)",
            "timers \(head.timers.values.map { "\($0.id)@\($0.dueAt)" }.sorted())",
            "outgoing \(head.outgoing.inOrder.map(\.id))", "received \(head.received.fingerprint)",
            "keyed \(head.keyed.fingerprint)", "ephemeral \(JSON.text(.object(ephemeral)))",
            "ephemeral to send \(ephemeralChanged) \(ephemeralShown.sorted()) \(ephemeralGone.map(\.cell))",
            "sessions \(sessions.values.map { "\($0.id) \($0.lastEvent) \($0.isEnding)" }.sorted())",
            "attached \(byConnection.keys.sorted())", "mailbox \(mailbox.count)", "agenda \(agenda.count)",
            "gathering \(gathering.held.count) \(gathering.commits) \(unwritten.count) \(gathering.write.facts.count)"
                + " \(gathering.write.marks.count) \(gathering.write.timersSet.count)",
            "history \(history.count) \(history.last?.seq ?? 0)",
            "backlog \(backlog.commits.count) \(backlog.bytes) \(noticeBytes)",
            "waiting \(waiting.keys.sorted()) \(asked.keys.sorted())", "random \(random.hashValue)",
            "commits \(stats.commits) \(head.logBytes)", "outputs \(outputs.count)",
        ]
    }

    /// Stops the process when a run that was rolled back has left anything behind.
    func checkRollback(_ before: [String]?, of event: String) {
        guard let before else { return }
        for (was, now) in zip(before, fingerprint()) where was != now {
            preconditionFailure("rolling back `\(event)` left a trace\n  before: \(was)\n  after:  \(now)")
        }
    }
}
