import ArgumentParser
import HearthRooms
import HearthServer
import HearthStore
import HearthValues

/// `hearth why ROOM SEQ|EVENT|PATH`
struct Why: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Explain how a commit came about, or what became of an event.",
        discussion: """
            Tells who did what and when, which runs were rolled back and what they had met, what the handler waited \
            for, what was merged and what was changed. From a data folder, whether a server runs on it or not, or from a \
            running server for its operator (--server). Nothing is changed.

            A commit is named by its number, an event by its session and its number there, and a place in the cells by its \
            path: then it is the commit that last changed what lies there, through links and wherever in its list it lay:
              hearth why lobby 42
              hearth why lobby k3x9q2:7
              hearth why lobby /messages/3/author/name

            Of an event that came to no commit the answer is shown: that is kept for the last 256 events of a session \
            that has not ended.
            """)

    @Argument(help: "The room's id.")
    var room: String

    @Argument(
        help: ArgumentHelp(
            "A commit's number, an event as SESSION:NUMBER, or a path that begins with /.", valueName: "seq|event|path"),
        transform: { text in
            guard let subject = Subject(text) else {
                throw ValidationError(
                    "'\(text)' names no commit, no event and no path: take a commit's number, like 42, an event, like "
                        + "SESSION:7, or a path, like /messages/3.")
            }
            return subject
        })
    var subject: Subject

    @OptionGroup var source: RoomSource

    @Option(
        name: .long,
        help: ArgumentHelp(
            "The recipes; lines are quoted from the one that the commit ran, if it is there unchanged.",
            valueName: "dir"))
    var recipes = "Recipes"

    @Option(name: .long, help: "text for people, json for machines.")
    var output = OutputFormat.text

    enum OutputFormat: String, ExpressibleByArgument, CaseIterable { case text, json }

    enum Subject {
        case commit(UInt64)
        case event(session: String, id: Int64)
        case path(Pointer)

        /// The session's id ends at the last `:` or `/`.
        init?(_ text: String) {
            if let seq = UInt64(text), text.first?.isNumber == true {
                self = .commit(seq)
            } else if text.hasPrefix("/") {
                guard text.count > 1, let pointer = try? Pointer(parsing: text) else { return nil }
                self = .path(pointer)
            } else if let mark = text.lastIndex(where: { $0 == ":" || $0 == "/" }), mark > text.startIndex,
                case let digits = text[text.index(after: mark)...], digits.first?.isNumber == true,
                let id = Int64(digits)
            {
                self = .event(session: String(text[..<mark]), id: id)
            } else {
                return nil
            }
        }
    }

    func run() async throws {
        try await source.withRoom(room) { store in
            guard let record = try store.record(room: room) else { throw StoreError.missing(room: room) }
            do {
                switch subject {
                case .commit(let seq): show(try commit(seq, of: record, in: store), of: record)
                case .event(let session, let id): try show(event: id, of: session, in: record, store)
                case .path(let pointer):
                    show(try PathLookup(pointer: pointer, room: room).find(in: store, upTo: record.seq), of: record)
                }
            } catch let error as RoomError {
                throw CommandFailure("\(room) cannot be read: \(error.message). Run `hearth verify \(room)`.")
            }
        }
    }

    private func commit(_ seq: UInt64, of record: RoomRecord, in store: any RoomStore) throws -> CommitStory {
        guard seq > 0, seq <= record.seq else {
            let known = record.seq == 0 ? "no commits yet" : "commits 1 to \(record.seq)"
            throw CommandFailure("\(room) has \(known); there is no commit \(seq).")
        }
        guard let fact = try store.facts(room: room, after: seq - 1, limit: 1).first, fact.seq == seq else {
            throw CommandFailure("\(room) has no commit \(seq), which it should have. Run `hearth verify \(room)`.")
        }
        return try CommitStory(fact)
    }

    private func show(_ story: CommitStory, of record: RoomRecord) {
        if output == .json { return print(StoryJSON.text(story, of: record)) }
        let source = CheckedRecipe.source(named: record.recipe, hash: story.recipeHash, in: recipes)
        print(StoryText(story, of: record, source: source).lines.joined(separator: "\n"))
    }

    private func show(event id: Int64, of session: String, in record: RoomRecord, _ store: any RoomStore) throws {
        switch try EventLookup(session: session, id: id, room: room).find(in: store, upTo: record.seq) {
        case .committed(let story): show(story, of: record)
        case .unchanged(let ack):
            if output == .json { return print(StoryJSON.text(ack, session: session, of: record)) }
            print(AnswerText.lines(ack, session: session, of: record).joined(separator: "\n"))
        case .refused(let failure):
            if output == .json { return print(StoryJSON.text(failure, id: id, session: session, of: record)) }
            print(AnswerText.lines(failure, id: id, session: session, of: record).joined(separator: "\n"))
        }
    }
}
