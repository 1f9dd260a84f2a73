import HearthLua
import HearthRecipes
import HearthRooms
import HearthStore
import HearthValues

/// Runs schedules in a room and compares each with the oracle: the events that were committed must have done what they
/// do one after another, in the order of their `seq`.
package final class Checker {
    private let runtimes: [RecipeRuntime]
    private let checksRollback: Bool
    package private(set) var events = 0
    package private(set) var conflicts = 0
    package private(set) var merges = 0
    package private(set) var waits = 0
    package private(set) var reloads = 0

    /// - Parameter checksRollback: whether the whole room is compared around each rollback.
    package init(checksRollback: Bool) throws {
        runtimes = try (0..<ModelRecipe.versions).map {
            try RecipeRuntime(RecipeSource(name: "model", text: ModelRecipe.text(version: $0)))
        }
        self.checksRollback = checksRollback
    }

    /// What a participant answers to a question; nil: nothing.
    static func answer(to question: Int) -> Int? { question % 5 == 4 ? nil : question % 7 + 1 }

    /// - Returns: what was wrong; nil when nothing was.
    package func check(_ schedule: Schedule, seed: UInt64) throws -> String? {
        let room = try ModelRoom(schedule, seed: seed, runtimes: runtimes, checksRollback: checksRollback)
        try room.run(schedule)
        events += room.stats.events
        conflicts += room.stats.conflicts
        merges += room.stats.merges
        waits += room.stats.waits
        reloads += room.stats.reloads
        if let fault = room.said.faults.first { return fault }
        return try compare(room)
    }

    /// The shortest schedule that still goes wrong, reached by leaving out one thing at a time.
    package func shrink(_ schedule: Schedule, seed: UInt64) throws -> (Schedule, String) {
        var best = schedule
        var fault = try check(schedule, seed: seed) ?? "no fault"
        var found = true
        while found {
            found = false
            for shorter in best.shorter {
                guard let still = try check(shorter, seed: seed) else { continue }
                (best, fault, found) = (shorter, still, true)
                break
            }
        }
        return (best, fault)
    }

    private func compare(_ room: ModelRoom) throws -> String? {
        var states: [Plain] = [Plain()]
        let said = room.said
        guard let last = said.facts.keys.max() else { return "no facts" }
        var results: [ModelRoom.EventID: (seq: UInt64, result: Int?)] = [:]
        for seq in 1...last {
            guard let fact = said.facts[seq] else { return "there is no fact \(seq)" }
            guard case .object(let content) = try JSON.parse(fact.content, links: .parsed) else { return "no content" }
            var state = states[Int(seq) - 1]
            if content["event"] == "run" {
                guard case .string(let session)? = content["by"], case .int(let number)? = content["id"],
                    let place = room.participant(ofSession: session)
                else { return "fact \(seq) names no event" }
                let event = ModelRoom.EventID(participant: place, number: number)
                if results[event] != nil { return "\(event) was committed twice" }
                guard let program = room.program(of: event) else { return "fact \(seq) is of an unknown event" }
                let result = run(program, content, on: &state, states, Answers(content, room))
                results[event] = (seq, result)
            } else if content["event"] == "reload", let data = content["data"]?.object,
                let from = data["from"]?.object?["version"]?.int, let to = data["to"]?.object?["version"]?.int
            {
                if to > from { state.numbers["c", default: 0] += ModelRecipe.migrationAdds }
            }
            states.append(state)
            if let shown = said.shown[seq], Plain.Shown(shown) != state.shown {
                return "after commit \(seq) the room shows \(Plain.Shown(shown)) and the oracle \(state.shown)"
            }
        }
        return answers(room, results, states)
    }

    private func run(
        _ program: Program, _ content: Object, on state: inout Plain, _ states: [Plain], _ answers: Answers
    ) -> Int? {
        guard case .list(let merged)? = content["merged"], case .int(let basis)? = content["basis"] else {
            return Oracle.run(program, on: &state, answer: answers.take)
        }
        // A merged event saw the merged cells as they were at its basis, and everything else as it is.
        let names = merged.compactMap { if case .string(let name) = $0 { name } else { nil } }
        let theirs = state
        let base = states[Int(basis)]
        for name in names { state.numbers[name] = base.numbers[name] }
        let result = Oracle.run(program, on: &state, answer: answers.take)
        for name in names {
            state.numbers[name] = Oracle.merge(
                name, base: base.numbers[name, default: 0], mine: state.numbers[name, default: 0],
                theirs: theirs.numbers[name, default: 0])
        }
        return result
    }

    private func answers(
        _ room: ModelRoom, _ results: [ModelRoom.EventID: (seq: UInt64, result: Int?)], _ states: [Plain]
    ) -> String? {
        for event in room.sent {
            if let ack = room.said.acks[event] {
                var seq = ack.seq
                var result: Int?
                if let committed = results[event] {
                    (seq, result) = committed
                } else if let program = room.program(of: event) {
                    // What it was answered, or merged with the same result, stands in no fact.
                    if program.steps.contains(where: \.isSettledByOthers) { continue }
                    // It changed nothing: it stands where it was answered.
                    guard Int(ack.seq) < states.count else { return "\(event) was acknowledged at \(ack.seq)" }
                    var state = states[Int(ack.seq)]
                    let before = state.shown
                    result = Oracle.run(program, on: &state) { _, _ in nil }
                    if state.shown != before { return "\(event) was acknowledged, but is not there" }
                }
                if seq != ack.seq { return "\(event) was committed at \(seq) and acknowledged at \(ack.seq)" }
                guard case .int(let returned)? = ack.result, Int(returned) == result else {
                    return
                        "\(event) returned \(String(describing: ack.result)), the oracle \(String(describing: result))"
                }
            } else if let failure = room.said.errors[event] {
                if results[event] != nil { return "\(event) was committed and answered with \(failure)" }
                let mayFail = room.program(of: event)?.steps.contains(.fail) == true
                if failure.code == "on_purpose" ? !mayFail : failure.code != "storage_unavailable" {
                    return "\(event) failed: \(failure)"
                }
            }
        }
        return nil
    }
}

/// What participants answered to the handler of one commit, as its fact tells.
private final class Answers {
    private var left: [(participant: Int, question: Int, answer: Int?)] = []

    init(_ content: Object, _ room: ModelRoom) {
        guard case .list(let waits)? = content["waits"] else { return }
        for wait in waits {
            guard let wait = wait.object, case .string(let session)? = wait["of"],
                case .int(let question)? = wait["data"],
                let participant = room.participant(ofSession: session)
            else { continue }
            var answer: Int?
            if case .int(let number)? = wait["answer"] { answer = Int(number) }
            left.append((participant, Int(question), answer))
        }
    }

    /// A question that nobody was asked gets an answer that no participant gives.
    func take(_ participant: Int, _ question: Int) -> Int? {
        guard let place = left.firstIndex(where: { $0.participant == participant && $0.question == question }) else {
            return -1_000_000
        }
        return left.remove(at: place).answer
    }
}
