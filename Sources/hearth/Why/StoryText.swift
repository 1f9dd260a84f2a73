import Foundation
import HearthRecipes
import HearthRooms
import HearthStore
import HearthValues

/// A commit's story as a person reads it.
struct StoryText {
    private let story: CommitStory
    private let record: RoomRecord
    /// The recipe that ran, for quoting its lines; nil when it is not at hand.
    private let source: RecipeSource?

    init(_ story: CommitStory, of record: RoomRecord, source: RecipeSource?) {
        self.story = story
        self.record = record
        self.source = source
    }

    var lines: [String] { [title] + [data].compactMap { $0 } + runs + waits + merged + changes }

    private var title: String {
        let commit = Terminal.coloured("commit \(story.commit.seq) of \(record.id)", .bold)
        let recipe = "recipe \(record.recipe) v\(story.recipeVersion)"
        return "\(commit)   \(story.commit.event ?? "-"), \(author), at \(Self.time(story.commit.at)), \(recipe)"
    }

    private var author: String {
        if story.commit.event == RoomConsole.eventName {
            return "by \(story.data.object?["by"]?.string ?? "the operator") in hearth repl"
        }
        guard let session = story.commit.by else { return "by no participant" }
        return "by session \(session)" + (story.eventID.map { " (event \($0))" } ?? "")
    }

    private var data: String? {
        if story.data.isNull || story.data.object?.isEmpty == true { return nil }
        return "data: \(Self.short(story.data))"
    }

    // MARK: - Runs

    private var runs: [String] {
        guard story.runs > 1 else { return ["ran once"] }
        return ["ran \(story.runs) times"]
            + story.conflicts.enumerated().flatMap { place, conflict in
                ["  run \(place + 1) was rolled back: \(Self.cause(conflict))"] + quote(conflict)
            }
    }

    private static func cause(_ conflict: StoredConflict) -> String {
        if conflict.event == "fault", conflict.participant == nil { return "a planned fault" }
        if conflict.cell.isEmpty { return "the room had moved on too far to tell what had changed" }
        let place = conflict.file.flatMap { file in conflict.line.map { " when \(file):\($0) used it" } } ?? ""
        let by = conflict.event.map { " by \($0)" } ?? ""
        let who = (conflict.participant.map { "session \($0), " } ?? "") + "commit \(conflict.seq)"
        return "\(conflict.cell)\(conflict.path) was \(short(conflict.expected))\(place), and became "
            + "\(short(conflict.actual))\(by) (\(who))"
    }

    private func quote(_ conflict: StoredConflict) -> [String] {
        guard let line = conflict.line, let text = source?.files.first(where: { $0.path == conflict.file })?.line(line)
        else { return [] }
        return [Terminal.coloured("      \(line) | \(text)", .dim)]
    }

    // MARK: - What else

    private var waits: [String] {
        if story.waits.isEmpty { return [] }
        let said = story.waits.map { wait in
            switch wait {
            case .slept(let ms): return "slept \(ms) ms"
            case .asked(let session, let name, let data, let answer, let timeoutMs):
                let about = data.isNull ? "" : " \(Self.short(data))"
                let end = answer.map { "answered \(Self.short($0))" } ?? "got no answer within \(timeoutMs) ms"
                return "asked \(session) \(JSON.text(.string(name)))\(about), \(end)"
            }
        }
        return ["waited: " + said.joined(separator: "; ")]
    }

    private var merged: [String] {
        if story.merged.isEmpty { return [] }
        let others: String
        switch story.basis.map({ ($0 + 1, story.commit.seq - 1) }) {
        case nil: others = ""
        case let (first, last)? where first >= last: others = " (with commit \(last))"
        case let (first, last)?: others = " (with commits \(first) to \(last))"
        }
        return ["merged: " + story.merged.joined(separator: ", ") + others]
    }

    private var changes: [String] {
        let operations = story.commit.patch.operations
        if operations.isEmpty { return ["changed nothing that is stored"] }
        let width = operations.prefix(Self.changesShownMax).map { $0.pointer.description.count }.max() ?? 0
        var lines = ["changed:"]
        for operation in operations.prefix(Self.changesShownMax) {
            let path = operation.pointer.description
            let name = operation.name.padding(toLength: 7, withPad: " ", startingAt: 0)
            let gap = String(repeating: " ", count: min(width, 40) - min(path.count, min(width, 40)) + 2)
            lines.append("  \(name) \(path)" + (operation.value.map { gap + Self.short($0) } ?? ""))
        }
        if operations.count > Self.changesShownMax {
            let rest = operations.count - Self.changesShownMax
            lines.append("  and \(ProgressLine.grouped(rest)) more: --output json shows all")
        }
        return lines
    }

    private static let changesShownMax = 40
    private static let valueCharactersMax = 120

    static func short(_ value: Value) -> String {
        let text = JSON.text(value)
        return text.count > valueCharactersMax ? text.prefix(valueCharactersMax - 3) + "..." : text
    }

    /// 2026-01-31 12:00:00.000Z
    static func time(_ milliseconds: Int64) -> String {
        Date(timeIntervalSince1970: Double(milliseconds) / 1_000)
            .formatted(.iso8601.year().month().day().dateTimeSeparator(.space).time(includingFractionalSeconds: true))
            + "Z"
    }
}

extension SourceFile {
    /// A line by its number from 1, without the space at its end; nil when there is none.
    func line(_ number: Int) -> String? {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        guard lines.indices.contains(number - 1) else { return nil }
        var line = lines[number - 1]
        while line.last?.isWhitespace == true { line.removeLast() }
        return String(line)
    }
}
