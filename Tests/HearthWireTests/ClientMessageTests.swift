import HearthValues
import HearthWire
import Testing

@Suite struct `A client message` {
    static let link = Link(cell: "cursor@s1", pointer: Pointer(tokens: ["x"]))

    static let all: [(String, ClientMessage)] = [
        (#"{"type":"join"}"#, .join(JoinFields())),
        (
            #"{"type":"join","token":"t","resume":"r","since":0,"epoch":"e","name":"n","state":"none","batch":true}"#,
            .join(
                JoinFields(token: "t", resume: "r", since: 0, epoch: "e", name: "n", state: .none, batch: true))
        ),
        (#"{"type":"join","state":"full","since":null}"#, .join(JoinFields())),
        (#"{"type":"join","state":["a","b"]}"#, .join(JoinFields(state: .cells(["a", "b"])))),
        (#"{"type":"join","state":[]}"#, .join(JoinFields(state: .cells([])))),
        (#"{"type":"event","id":1,"name":"say"}"#, .event(EventFields(id: 1, name: "say"))),
        (
            #"{"type":"event","id":7,"name":"say","data":{"to":{"$ref":"cursor@s1#/x"}},"basis":12,"strict":true}"#,
            .event(EventFields(id: 7, name: "say", data: ["to": .link(link)], basis: 12, strict: true))
        ),
        (#"{"type":"answer","ask":"q1","data":null}"#, .answer(ask: "q1", data: .null)),
        (#"{"type":"set","cell":"cursor","value":[1,2.5]}"#, .set(cell: "cursor", value: [1, 2.5])),
        (#"{"type":"sync_request","later":{"field":1}}"#, .syncRequest),
        (#"{"type":"auth","token":"t"}"#, .auth(token: "t")),
        (#"{"type":"ping"}"#, .ping(at: nil)),
        (#"{"type":"ping","at":123}"#, .ping(at: 123)),
        (#" { "type" : "leave" } "#, .leave),
    ]

    @Test(arguments: all)
    func `is read from its text`(text: String, message: ClientMessage) throws {
        #expect(try decode(text) == message)
    }

    @Test(arguments: all)
    func `is read back as it was written`(_: String, message: ClientMessage) throws {
        var sink = ByteSink()
        message.write(into: &sink)
        #expect(try ClientMessage.decode(sink.bytes) == message)
    }

    @Test(arguments: [
        (#"{}"#, "type"), (#"{"type":1}"#, "type"), (#"{"type":"jump"}"#, "type"), (#"{"type":null}"#, "type"),
        (#"{"type":"join","token":1}"#, "token"), (#"{"type":"join","resume":[]}"#, "resume"),
        (#"{"type":"join","since":-1}"#, "since"), (#"{"type":"join","since":1.5}"#, "since"),
        (#"{"type":"join","since":"1"}"#, "since"), (#"{"type":"join","epoch":1}"#, "epoch"),
        (#"{"type":"join","name":{}}"#, "name"), (#"{"type":"join","state":"some"}"#, "state"),
        (#"{"type":"join","state":1}"#, "state"), (#"{"type":"join","state":["A"]}"#, "state"),
        (#"{"type":"join","state":[1]}"#, "state"), (#"{"type":"join","batch":1}"#, "batch"),
        (#"{"type":"event","name":"say"}"#, "id"), (#"{"type":"event","id":0,"name":"say"}"#, "id"),
        (#"{"type":"event","id":"1","name":"say"}"#, "id"), (#"{"type":"event","id":1.5,"name":"say"}"#, "id"),
        (#"{"type":"event","id":null,"name":"say"}"#, "id"), (#"{"type":"event","id":1e30,"name":"say"}"#, "id"),
        (#"{"type":"event","id":1}"#, "name"), (#"{"type":"event","id":1,"name":1}"#, "name"),
        (#"{"type":"event","id":1,"name":"say","basis":"x"}"#, "basis"),
        (#"{"type":"event","id":1,"name":"say","strict":"yes"}"#, "strict"),
        (#"{"type":"answer","data":1}"#, "ask"), (#"{"type":"answer","ask":"q"}"#, "data"),
        (#"{"type":"set","cell":"Cursor","value":1}"#, "cell"), (#"{"type":"set","value":1}"#, "cell"),
        (#"{"type":"set","cell":"cursor"}"#, "value"), (#"{"type":"auth"}"#, "token"),
        (#"{"type":"auth","token":null}"#, "token"),
    ])
    func `with a bad field is refused and the field is named`(text: String, field: String) {
        let error = #expect(throws: WireError.self) { try decode(text) }
        #expect(error?.code == .badMessage)
        #expect(error?.retryable == false)
        #expect(error?.details == ["field": .string(field)])
        #expect(error?.message.contains("\"\(field)\"") == true)
    }

    @Test(arguments: ["", "hello", "{", "[]", "1", "null", "\"join\"", #"{"type":"ping"} x"#, #"{"type":"\uD800"}"#])
    func `that is no JSON object is refused`(text: String) {
        let error = #expect(throws: WireError.self) { try decode(text) }
        #expect(error?.code == .badMessage)
        #expect(error?.event == nil)
    }

    @Test func `says what would be right`() {
        let since = #expect(throws: WireError.self) { try decode(#"{"type":"join","since":"x"}"#) }
        #expect(since?.message == "\"since\" must be an integer of at least 0, not a string")
        let id = #expect(throws: WireError.self) { try decode(#"{"type":"event","id":0,"name":"say"}"#) }
        #expect(id?.message == "\"id\" must be an integer of at least 1, not 0")
        let name = #expect(throws: WireError.self) { try decode(#"{"type":"event","id":1}"#) }
        #expect(name?.message == "\"name\" is missing; it must be a string")
    }

    @Test func `with an object that only looks like a link is refused as such`() {
        let error = #expect(throws: WireError.self) {
            try decode(#"{"type":"event","id":4,"name":"say","data":[{"$ref":"nowhere"}]}"#)
        }
        #expect(error?.code == .invalidLink)
        #expect(error?.details == ["path": "/data/0"])
        #expect(error?.event == 4)
    }

    @Test func `that is a bad event with a good id carries the id in its error`() {
        #expect(#expect(throws: WireError.self) { try decode(#"{"type":"event","id":4}"#) }?.event == 4)
        #expect(#expect(throws: WireError.self) { try decode(#"{"type":"event","id":-4}"#) }?.event == nil)
        #expect(#expect(throws: WireError.self) { try decode(#"{"type":"set","id":4}"#) }?.event == nil)
    }

    @Test(arguments: Seed.some(6))
    func `mutated at random never crashes the reader`(seed: Seed) {
        var random = seed.random
        for _ in 0..<400 {
            var bytes = Array(Self.all[random.next(below: Self.all.count)].0.utf8)
            for _ in 0...random.next(below: 4) where !bytes.isEmpty {
                let index = random.next(below: bytes.count)
                switch random.next(below: 4) {
                case 0: bytes[index] = UInt8(truncatingIfNeeded: random.next())
                case 1: bytes.insert(Array("{}[],:\"\\0-.eE ".utf8)[random.next(below: 14)], at: index)
                case 2: bytes.removeSubrange(index...)
                default: bytes.remove(at: index)
                }
            }
            do throws(WireError) {
                let message = try ClientMessage.decode(bytes)
                #expect((try? ClientMessage.decode(JSON.bytes(message.json))) == message)
            } catch {
                #expect(error.code == .badMessage || error.code == .invalidLink)
                #expect(!error.message.isEmpty)
            }
        }
    }
}
