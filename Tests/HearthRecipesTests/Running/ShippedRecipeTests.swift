import Foundation
import HearthRecipes
import HearthValues
import Testing

/// The recipes that come with the engine, and those of the acceptance tests, as they lie in their folders.
@Suite struct `The shipped recipes` {
    static let root = URL(filePath: #filePath).appending(path: "../../../..").standardized

    private func room(_ folder: String) throws -> Room {
        let text = try String(contentsOf: Self.root.appending(path: folder + "/recipe.lua"), encoding: .utf8)
        let name = folder.split(separator: "/").last.map(String.init) ?? folder
        return try Room(RecipeRuntime(RecipeSource(name: name, text: text)))
    }

    private func chat() throws -> (Room, Participant, Participant) {
        let room = try room("Recipes/chat")
        let ann = try room.join("s1", name: "Ann", roles: ["member"])
        let bob = try room.join("s2", roles: ["member"])
        try room.run(.join, by: ann)
        try room.run(.join, by: bob)
        return (room, ann, bob)
    }

    @Test func `chat: messages follow a rename and those here are links`() throws {
        let (room, ann, bob) = try chat()
        try room.send("send", ["text": "hi"], by: ann)
        try room.send("rename", ["name": "Robert"], by: bob)
        #expect(room["recent"] == ##"[{"at":1000,"author":{"$ref":"user@s1#"},"text":"hi"}]"##)
        #expect(room["count"] == "1")
        #expect(room["here"] == ##"{"s1":{"$ref":"user@s1#"},"s2":{"$ref":"user@s2#"}}"##)
        #expect(room["user@s1"] == #"{"name":"Ann"}"#)
        #expect(room["user@s2"] == #"{"name":"Robert"}"#)
        try room.run(.leave, by: bob)
        #expect(room["here"] == ##"{"s1":{"$ref":"user@s1#"}}"##)
    }

    @Test func `chat: a long name is cut between characters`() throws {
        let room = try room("Recipes/chat")
        try room.run(.join, by: try room.join("s1", name: String(repeating: "é", count: 60), roles: ["member"]))
        #expect(room["user@s1"] == #"{"name":"\#(String(repeating: "é", count: 40))"}"#)
    }

    @Test func `counter: goes up, down and back`() throws {
        let room = try room("Recipes/counter")
        let ann = try room.join("s1")
        for (handler, count) in [("increment", "1"), ("increment", "2"), ("decrement", "1"), ("reset", "0")] {
            try room.send(handler, by: ann)
            #expect(room["count"] == count)
        }
    }

    @Test func `conflict-resolution: keeps who chose what over their leaving`() throws {
        let room = try room("Recipes/conflict-resolution")
        let ann = try room.join("s1")
        #expect(room.failure("ready", ["isReady": true], by: ann)?.code == "unknown_participant")
        try room.send("join_form", ["name": "Ann"], by: ann)
        try room.send("select", ["field": "get", "value": "Lisbon"], by: ann, now: 5)
        try room.send("ready", ["isReady": true], by: ann)
        #expect(room["selections"] == #"{"get":{"field":"get","timestamp":5,"userId":"s1","value":"Lisbon"}}"#)
        #expect(room["participants"] == #"{"s1":{"id":"s1","isReady":true,"name":"Ann"}}"#)
        try room.run(.leave, by: ann)
        #expect(room["participants"] == "{}")
        #expect(room["names"] == #"{"s1":"Ann"}"#)
        #expect(room["selections"] != "{}")
    }

    @Test func `conflict-resolution: speaks the messages of PartySocket rooms`() throws {
        let room = try room("Recipes/conflict-resolution")
        let first = try room.join("s1"), again = try room.join("s2")
        let joined: Value = ["type": "user_joined", "userId": "u1", "userName": "Ann"]
        try room.run(.message("user_joined"), joined, by: first)
        #expect(room.effects.contains { if case .broadcast(joined, toSender: false) = $0 { true } else { false } })
        let selection: Value = ["field": "place", "value": "Lisbon", "userId": "u1", "timestamp": 7]
        try room.run(.message("field_selected"), ["type": "field_selected", "selection": selection], by: first)
        try room.run(.message("sync_request"), ["type": "sync_request"], by: again)
        guard case .reply(let reply) = room.effects.first else {
            Issue.record("no reply: \(room.effects)")
            return
        }
        #expect(
            JSON.text(reply)
                == #"{"participants":[{"id":"u1","isReady":false,"name":"Ann"}],"selections":{"place":{"field":"place","timestamp":7,"userId":"u1","value":"Lisbon"}},"type":"sync_response"}"#
        )

        // The participant has come back in another session; the end of the first one takes nobody away.
        try room.run(.message("user_joined"), joined, by: again)
        try room.run(.leave, by: first)
        #expect(room["participants"] == #"{"u1":{"id":"u1","isReady":false,"name":"Ann"}}"#)
        try room.run(.leave, by: again)
        #expect(room["participants"] == "{}")
    }

    @Test func `conflict-resolution: passes on what it does not know, and refuses what does not fit`() throws {
        let room = try room("Recipes/conflict-resolution")
        let ann = try room.join("s1")
        let wave: Value = ["type": "wave", "hand": "left"]
        try room.run(.message("wave"), wave, by: ann)
        #expect(room.effects.contains { if case .broadcast(wave, toSender: false) = $0 { true } else { false } })
        #expect(throws: Failure.self) { try room.run(.message("user_joined"), ["type": "user_joined"], by: ann) }
        #expect(room["participants"] == "{}")
    }

    @Test func `those of the acceptance tests do what they are for`() throws {
        let twenty = try room("Tests/Acceptance/recipes/twenty")
        let ann = try twenty.join("s1", name: "Ann")
        try twenty.run(.join, by: ann)
        try twenty.send("burst", ["event": 3], by: ann)
        #expect(
            twenty["messages"].matches(of: ##/\{"author":\{"\$ref":"user@s1#"\},"event":3,"number":\d+\}/##).count == 20
        )

        let ledger = try room("Tests/Acceptance/recipes/ledger")
        try ledger.send("note", ["who": "a", "number": 1], by: try ledger.join("s1"))
        #expect(ledger["entries"] == #"[{"number":1,"who":"a"}]"# && ledger["total"] == "1")

        let faulty = try room("Tests/Acceptance/recipes/faulty")
        let bob = try faulty.join("s1")
        #expect(faulty.failure("broken", by: bob)?.code == "handler_failed")
        #expect(faulty.failure("endless", by: bob)?.code == "budget_exceeded")
        #expect(faulty.failure("picky", ["size": 0], by: bob)?.code == "invalid_data")
    }
}
