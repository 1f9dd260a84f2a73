import ArgumentParser
import HearthRecipes
import HearthRooms
import HearthServer
import HearthStore
import HearthValues

/// `hearth replay ROOM`
struct Replay: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Run a room's events again, and show where the cells would be others.",
        discussion: """
            Each event that was committed runs once more on the cells as they were before it, with its time, seed and \
            answers, through the recipe as it is here now or the one given with --recipe: what a change of the code would \
            have changed. Nothing is stored. From a data folder, whether a server runs on it or not, or from a running \
            server for its operator (--server).

            Name and roles of who sent an event are those that it came in with; who else was there is not known. Joins, \
            leaves, lines of `hearth repl` and events that were merged are not run.
            """)

    @Argument(help: "The room's id.")
    var room: String

    @OptionGroup var source: RoomSource

    @Option(
        name: .long, help: ArgumentHelp("A recipe's folder or file; else the room's from --recipes.", valueName: "path")
    )
    var recipe: String?

    @Option(name: .long, help: ArgumentHelp("The folder with recipes.", valueName: "dir"))
    var recipes = "Recipes"

    @Option(name: .long, help: ArgumentHelp("The newest so many commits.", valueName: "number"))
    var limit = 1_000

    @Option(name: .long, help: "text for people, json for machines.")
    var output = Why.OutputFormat.text

    func validate() throws {
        if !(1...100_000).contains(limit) {
            throw ValidationError("The value '\(limit)' is invalid for '--limit': take one from 1 to 100000.")
        }
    }

    private struct Count {
        var run = 0
        var different = 0
        var passedOver = 0
    }

    func run() async throws {
        try await source.withRoom(room) { store in
            guard let record = try store.record(room: room) else { throw StoreError.missing(room: room) }
            let runtime = try runtime(for: record)
            let start = record.seq > UInt64(limit) ? record.seq - UInt64(limit) : 0
            let people = try people(of: record, upTo: start, in: store)
            do {
                let count = try replay(record, from: start, in: store, by: runtime, people)
                if output == .text {
                    print(
                        "\(ProgressLine.counted(count.run, "event")) run again, \(count.different) different, "
                            + "\(count.passedOver) passed over")
                }
                if count.different > 0 { throw ExitCode(1) }
            } catch let error as RoomError {
                throw CommandFailure("\(room) cannot be read: \(error.message). Run `hearth verify \(room)`.")
            }
        }
    }

    private func runtime(for record: RoomRecord) throws -> RecipeRuntime {
        do {
            let found = try CheckedRecipe.all(in: recipe ?? recipes)
            guard let checked = recipe == nil ? found.first(where: { $0.name == record.recipe }) : found.first else {
                throw CommandFailure(
                    "There is no recipe \(record.recipe) in \(recipe ?? recipes). Name one with --recipe.")
            }
            return try checked.makeRuntime()
        } catch let error as ServerError {
            throw CommandFailure(error.message)
        } catch let error as RecipeError {
            throw CommandFailure("The recipe is not sound: \(error.message)")
        }
    }

    private func replay(
        _ record: RoomRecord, from start: UInt64, in store: any RoomStore, by runtime: RecipeRuntime,
        _ people: [String: Participant]
    ) throws -> Count {
        var people = people
        var cells = Object()
        if start > 0, let (snapshot, facts) = try store.stored(room: room, at: start) {
            cells = try RoomHistory.cells(snapshot: snapshot?.state, facts: facts)
        }
        var count = Count()
        var seq = start
        while seq < record.seq {
            let page = try store.facts(room: room, after: seq, limit: 500)
            guard let last = page.last else { break }
            for fact in page {
                let story = try CommitStory(fact)
                if let newcomer = story.newcomer { people[newcomer.session] = newcomer }
                let outcome =
                    story.merged.isEmpty
                    ? EventReplay.run(story, on: cells, by: runtime, who: Self.sender(of: story, people)) : .notAnEvent
                show(outcome, story, &count)
                cells = try RoomHistory.cells(after: [fact], on: cells)
            }
            seq = last.seq
        }
        return count
    }

    /// Who has come in by the commit `end`, by session; of rooms of before that was told, whoever is still there.
    private func people(
        of record: RoomRecord, upTo end: UInt64, in store: any RoomStore
    ) throws -> [String: Participant] {
        var people: [String: Participant] = [:]
        for session in try store.load(room: room)?.sessions ?? [] {
            people[session.id] = Participant(
                id: session.user ?? session.id, name: session.name, roles: session.roles, session: session.id)
        }
        var seq: UInt64 = 0
        while seq < end {
            let page = try store.facts(room: room, after: seq, limit: Int(min(500, end - seq)))
            guard let last = page.last else { break }
            for fact in page {
                if let newcomer = try CommitStory(fact).newcomer { people[newcomer.session] = newcomer }
            }
            seq = last.seq
        }
        return people
    }

    private static func sender(of story: CommitStory, _ people: [String: Participant]) -> Participant? {
        guard let session = story.commit.by else { return nil }
        return people[session] ?? Participant(id: session, name: nil, roles: ["member"], session: session)
    }

    private func show(_ outcome: EventReplay.Outcome, _ story: CommitStory, _ count: inout Count) {
        let title = "commit \(story.commit.seq)   \(story.commit.event ?? "-")"
        var report: (says: String, patch: [PatchOperation])?
        switch outcome {
        case .notAnEvent: count.passedOver += 1
        case .ran(let patch):
            count.run += 1
            if !patch.isEmpty { report = ("would have come to other cells", patch) }
        case .failed(let failure):
            count.run += 1
            report = ("would be refused: \(failure.code), \(failure.message)", [])
        case .waits:
            count.run += 1
            report = ("would wait where it did not", [])
        }
        guard let report else { return }
        count.different += 1
        switch output {
        case .json:
            print(
                JSON.text([
                    "seq": .int(Int64(clamping: story.commit.seq)),
                    "event": story.commit.event.map { .string($0) } ?? .null, "says": .string(report.says),
                    "patch": Patch(operations: report.patch).json,
                ]))
        case .text:
            print(Terminal.coloured(title, .bold) + "   " + report.says)
            for line in CellTree.lines(report.patch) { print(line) }
        }
    }
}
