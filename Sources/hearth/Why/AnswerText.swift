import HearthRecipes
import HearthRooms
import HearthStore
import HearthValues

/// What an event was answered that came to no commit, as a person reads it.
enum AnswerText {
    static func lines(_ ack: Ack, session: String, of record: RoomRecord) -> [String] {
        let times = ack.runs == 1 ? "once" : "\(ack.runs) times"
        return [
            title(ack.id, session, record) + "   done, and changed nothing",
            "ran \(times), at commit \(ack.seq)",
        ] + (ack.result.map { ["returned: \(StoryText.short($0))"] } ?? [])
    }

    static func lines(_ failure: Failure, id: Int64, session: String, of record: RoomRecord) -> [String] {
        let again = failure.retryable ? "may be sent again, as a new event" : "would end the same if sent again"
        var lines = [
            title(id, session, record) + "   refused: " + Terminal.coloured(failure.code, .red) + ", \(again)",
            failure.message,
        ]
        guard let details = failure.details.object else { return lines }
        let width = details.map(\.key.count).max() ?? 0
        for (key, value) in details {
            let gap = String(repeating: " ", count: width - key.count + 2)
            // What was in the room is shown as it is there; the rest are names and places, which need no quotes.
            let isName = value.string?.isEmpty == false && key != "expected" && key != "actual"
            let text = isName ? value.string ?? "" : JSON.text(value)
            lines.append("  \(key)\(gap)" + text.replacing("\n", with: "\n" + String(repeating: " ", count: width + 4)))
        }
        return lines
    }

    private static func title(_ id: Int64, _ session: String, _ record: RoomRecord) -> String {
        Terminal.coloured("event \(id) of session \(session) in \(record.id)", .bold)
    }
}
