import HearthValues
import HearthWire
import Testing

@Suite struct `A server message` {
    static let recipe = RecipeFields(name: "chat", version: 3, hash: "ab")
    static let patch = Patch(operations: [.add(Pointer(tokens: ["messages", "-"]), ["text": "hi"])])

    @Test func `joined is written with all its fields`() {
        var fields = JoinedFields(
            room: "r", recipe: Self.recipe, session: "s1", resume: "secret",
            you: ParticipantFields(id: "u", name: "Ann", roles: ["host"]), epoch: "e", seq: 9, trace: "t1",
            resumed: false, lastEvent: 4, cells: ["a": 1])
        let start = """
            {"type":"joined","protocol":"hearth.v1","room":"r","recipe":{"name":"chat","version":3,"hash":"ab"},\
            "session":"s1","resume":"secret","you":{"id":"u","name":"Ann","roles":["host"]},"epoch":"e","seq":9,\
            "trace":"t1","resumed":false,"last_event":4
            """
        #expect(text { ServerMessage.joined(fields, into: &$0) } == start + #","cells":{"a":1}}"#)
        fields.cells = nil
        #expect(text { ServerMessage.joined(fields, into: &$0) } == start + "}")
    }

    @Test func `commit is written with its patch and without an event that it has not`() {
        #expect(
            text { ServerMessage.commit(seq: 5, by: "s1", event: "say", patch: Self.patch, into: &$0) } == """
                {"type":"commit","seq":5,"by":"s1","event":"say",\
                "patch":[{"op":"add","path":"/messages/-","value":{"text":"hi"}}]}
                """)
        #expect(
            text { ServerMessage.commit(seq: 6, by: nil, event: nil, patch: Patch(), into: &$0) }
                == #"{"type":"commit","seq":6,"by":null,"patch":[]}"#)
    }

    @Test func `ack is written for events and for auth`() {
        #expect(
            text { ServerMessage.ack(id: 3, seq: 7, result: ["ok": true], runs: 2, into: &$0) }
                == #"{"type":"ack","id":3,"seq":7,"result":{"ok":true},"runs":2}"#)
        #expect(text { ServerMessage.ack(id: nil, seq: nil, into: &$0) } == #"{"type":"ack"}"#)
    }

    @Test func `error is written with the id that it answers`() {
        let error = WireError(.conflict, "changed", details: ["cell": "a"], event: 4)
        #expect(
            text { ServerMessage.error(error, trace: "t1", into: &$0) } == """
                {"type":"error","id":4,"code":"conflict","message":"changed","retryable":true,\
                "details":{"cell":"a"},"trace":"t1"}
                """)
        #expect(
            text { ServerMessage.error(WireError(.forbidden, "\"no\""), into: &$0) }
                == #"{"type":"error","code":"forbidden","message":"\"no\"","retryable":false}"#)
    }

    @Test func `ask, signal and ephemeral are written`() {
        #expect(
            text { ServerMessage.ask("q1", name: "pick", data: [1], timeoutMs: 500, into: &$0) }
                == #"{"type":"ask","ask":"q1","name":"pick","data":[1],"timeout_ms":500}"#)
        #expect(
            text { ServerMessage.signal(name: "wave", data: .null, from: nil, into: &$0) }
                == #"{"type":"signal","name":"wave","data":null,"from":null}"#)
        #expect(
            text { ServerMessage.ephemeral(patch: Patch(operations: [.remove(Pointer(tokens: ["c@s"]))]), into: &$0) }
                == #"{"type":"ephemeral","patch":[{"op":"remove","path":"/c@s"}]}"#)
    }

    @Test func `reload, sync_response, pong and bye are written`() {
        #expect(
            text { ServerMessage.reload(Self.recipe, into: &$0) }
                == #"{"type":"reload","recipe":{"name":"chat","version":3,"hash":"ab"}}"#)
        let participants = [ParticipantFields(id: "a", name: nil), ParticipantFields(id: "b", name: "B")]
        #expect(
            text {
                ServerMessage.syncResponse(epoch: "e", seq: 1, cells: [:], participants: participants, into: &$0)
            } == """
                {"type":"sync_response","epoch":"e","seq":1,"cells":{},"participants":[\
                {"id":"a","name":null,"roles":[]},{"id":"b","name":"B","roles":[]}]}
                """)
        #expect(text { ServerMessage.pong(at: "x", now: 5, into: &$0) } == #"{"type":"pong","at":"x","now":5}"#)
        #expect(text { ServerMessage.pong(at: nil, now: 5, into: &$0) } == #"{"type":"pong","now":5}"#)
        #expect(
            text { ServerMessage.bye(code: 1012, reason: "restart", retryAfterMs: 100, into: &$0) }
                == #"{"type":"bye","code":1012,"reason":"restart","retry_after_ms":100}"#)
    }

    @Test(arguments: 0..<3)
    func `joins others into one array`(count: Int) throws {
        let message = JSON.bytes(["type": "pong"])
        let batch = text { ServerMessage.batch(Array(repeating: message, count: count), into: &$0) }
        #expect(try JSON.parse(batch).list?.count == count)
    }

    @Test(arguments: Seed.some(4))
    func `is JSON whatever texts it carries`(seed: Seed) throws {
        var random = seed.random
        for _ in 0..<200 {
            let length = random.next(below: 12)
            let odd = String((0..<length).map { _ in Character(Unicode.Scalar(UInt8(random.next(below: 256)))) })
            let written = text {
                ServerMessage.error(WireError(WireErrorCode(odd), odd, details: .string(odd)), trace: odd, into: &$0)
            }
            let read = try JSON.parse(written).object
            #expect(["code", "message", "details", "trace"].allSatisfy { read?[$0] == .string(odd) })
        }
    }
}
