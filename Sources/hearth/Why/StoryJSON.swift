import HearthRecipes
import HearthRooms
import HearthStore
import HearthValues

/// What `hearth why` says, for programs: one object on one line.
enum StoryJSON {
    static func text(_ story: CommitStory, of record: RoomRecord) -> String {
        var object: Object = [
            "outcome": "committed", "room": .string(record.id), "seq": number(story.commit.seq),
            "at": .int(story.commit.at), "by": optional(story.commit.by), "event": optional(story.commit.event),
            "id": story.eventID.map { .int($0) } ?? .null, "data": story.data,
            "recipe": [
                "name": .string(record.recipe), "version": .int(story.recipeVersion), "hash": .string(story.recipeHash),
            ],
            "runs": .int(Int64(story.runs)), "conflicts": .list(List(story.conflicts.map(json))),
            "waits": .list(List(story.waits.map(json))),
            "merged": .list(List(story.merged.map { .string($0) })), "patch": story.commit.patch.json,
        ]
        object["basis"] = story.basis.map(number)
        return JSON.text(.object(object))
    }

    static func text(_ ack: Ack, session: String, of record: RoomRecord) -> String {
        var object: Object = [
            "outcome": "unchanged", "room": .string(record.id), "by": .string(session), "id": .int(ack.id),
            "seq": number(ack.seq), "runs": .int(Int64(ack.runs)),
        ]
        object["result"] = ack.result
        return JSON.text(.object(object))
    }

    static func text(_ failure: Failure, id: Int64, session: String, of record: RoomRecord) -> String {
        JSON.text([
            "outcome": "refused", "room": .string(record.id), "by": .string(session), "id": .int(id),
            "error": [
                "code": .string(failure.code), "message": .string(failure.message),
                "retryable": .bool(failure.retryable), "details": failure.details,
            ],
        ])
    }

    private static func json(_ conflict: StoredConflict) -> Value {
        [
            "cell": .string(conflict.cell), "path": .string(conflict.path), "expected": conflict.expected,
            "actual": conflict.actual, "file": optional(conflict.file),
            "line": conflict.line.map { .int(Int64($0)) } ?? .null,
            "seq": number(conflict.seq),
            "by": ["event": optional(conflict.event), "participant": optional(conflict.participant)],
        ]
    }

    private static func json(_ wait: StoredWait) -> Value {
        switch wait {
        case .slept(let ms): return ["sleep": .int(ms)]
        case .asked(let session, let name, let data, let answer, let timeoutMs):
            var object: Object = [
                "ask": .string(name), "of": .string(session), "data": data, "timeout": .int(timeoutMs),
            ]
            object["answer"] = answer
            return .object(object)
        }
    }

    private static func number(_ seq: UInt64) -> Value { .int(Int64(clamping: seq)) }

    private static func optional(_ text: String?) -> Value { text.map { .string($0) } ?? .null }
}
