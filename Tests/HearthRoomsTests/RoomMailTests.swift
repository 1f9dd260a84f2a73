import HearthRooms
import HearthStore
import HearthValues
import Testing

/// Messages between two rooms, either of which may be killed at any moment.
@Suite("Messages between rooms")
struct RoomMailTests {
    /// `go` sends numbers to the other room, which writes down what it got.
    private static let recipe = """
        local t = require "hearth.types"
        return recipe { name = "test", cells = { got = t.list(t.integer), next = t.integer },
          handlers = {
            go = function(cells, data, ctx)
              for i = 1, data.times do
                cells.next = cells.next + 1
                ctx.send("sink", "take", { n = cells.next })
              end
            end,
            take = function(cells, data) cells.got:push(data.n) end,
          } }
        """

    private static func numbers(of room: SimulatedRoom) -> [Int64] {
        room.machine.describe().cells["got"]?.list?.compactMap(\.int) ?? []
    }

    @Test("are sent again in their order after a restart")
    func order() throws {
        let source = try SimulatedRoom(Self.recipe, id: "source")
        source.join().send("go", ["times": 30])
        let first = source.deliveries
        #expect(first.compactMap { $0.data.object?["n"]?.int } == Array(1...30))
        source.deliveries = []
        try source.restart()
        #expect(source.deliveries == first)
    }

    /// The ids of the latest 4,096 were remembered: with more under way, those before them were taken twice.
    @Test("are taken once, however many their sender repeats")
    func many() throws {
        let sink = try SimulatedRoom(Self.recipe, id: "sink")
        let all = (1...StoreLimits.receivedMax + 500).map { number in
            Delivery(
                id: "source:\(number)", from: "source", to: "sink", event: "take", data: ["n": .int(Int64(number))])
        }
        for delivery in all { sink.handle(.delivery(delivery)) }
        sink.pump()
        try sink.restart()
        for delivery in all { sink.handle(.delivery(delivery)) }
        sink.pump()
        #expect(Self.numbers(of: sink) == all.indices.map { Int64($0 + 1) })
        #expect(sink.delivered.count == all.count * 2)
    }

    @Test("are forgotten when their sender has noted that they were taken, and others have come")
    func forgotten() throws {
        let sink = try SimulatedRoom(Self.recipe, id: "sink")
        func take(_ number: Int) {
            let data: Value = ["n": .int(Int64(number))]
            sink.handle(.delivery(Delivery(id: "\(number)", from: "source", to: "sink", event: "take", data: data)))
            sink.handle(.settled(id: "\(number)"))
            sink.pump()
        }
        for number in 1...StoreLimits.receivedMax + 10 { take(number) }
        let stored = try #require(try sink.store.load(room: "sink"))
        #expect(stored.received.count == StoreLimits.receivedMax && stored.received.first?.id == "11")
        try sink.restart()
        take(12)
        #expect(Self.numbers(of: sink).count == StoreLimits.receivedMax + 10)
    }

    @Test("arrive once each, whoever is killed when", arguments: 0..<200 as Range<UInt64>)
    func killed(seed: UInt64) throws {
        var mail = try RoomMail(recipe: Self.recipe, seed: seed)
        for _ in 0..<60 { try mail.step() }
        try mail.finish()
        let got = Self.numbers(of: mail.sink)
        let sent = mail.source.machine.describe().cells["next"]?.int ?? 0
        #expect(got.count == Int(sent) && Set(got).count == got.count, "sent \(sent), got \(got)")
        #expect(try mail.source.store.load(room: "source")?.outgoing.isEmpty == true)
    }
}

/// Two rooms and what is under way between them. It keeps its order on each way; whoever is killed loses what was under way to
/// it, and so does the other, as they are of one process.
private struct RoomMail {
    let source: SimulatedRoom, sink: SimulatedRoom
    private var post: [Delivery] = []
    private var confirmed: [String] = []
    private var settled: [String] = []
    private var random: SeededRandom

    init(recipe: String, seed: UInt64) throws {
        source = try SimulatedRoom(recipe, id: "source")
        sink = try SimulatedRoom(recipe, id: "sink")
        random = SeededRandom(seed: seed)
    }

    private mutating func pick(_ count: Int) -> Int { Int.random(in: 0..<count, using: &random) }

    mutating func step() throws {
        switch pick(12) {
        case 0...2: source.join().send("go", ["times": .int(Int64(1 + pick(4)))])
        case 3, 4: take(pick(post.count + 1))
        case 5, 6: confirm(pick(confirmed.count + 1))
        case 7: settle(pick(settled.count + 1))
        case 8: source.disk = pick(2) == 0 ? .held : .works
        case 9: sink.disk = pick(2) == 0 ? .held : .works
        case 10: try kill()
        default:
            source.pump()
            sink.pump()
        }
        collect()
    }

    /// All that is still under way arrives.
    mutating func finish() throws {
        try kill()
        collect()
        while !post.isEmpty || !confirmed.isEmpty || !settled.isEmpty {
            take(post.count)
            confirm(confirmed.count)
            settle(settled.count)
            collect()
        }
    }

    private mutating func take(_ count: Int) {
        for delivery in post.prefix(count) { sink.handle(.delivery(delivery)) }
        sink.pump()
        post.removeFirst(count)
    }

    private mutating func confirm(_ count: Int) {
        for id in confirmed.prefix(count) { source.handle(.outgoingDone(id: id)) }
        source.pump()
        confirmed.removeFirst(count)
    }

    private mutating func settle(_ count: Int) {
        for id in settled.prefix(count) { sink.handle(.settled(id: id)) }
        sink.pump()
        settled.removeFirst(count)
    }

    private mutating func kill() throws {
        for room in [source, sink] {
            room.disk = .works
            (room.deliveries, room.delivered, room.settled) = ([], [], [])
        }
        (post, confirmed, settled) = ([], [], [])
        try source.restart()
        try sink.restart()
    }

    private mutating func collect() {
        post += source.deliveries
        confirmed += sink.delivered
        settled += source.settled.map(\.id)
        (source.deliveries, sink.delivered, source.settled) = ([], [], [])
    }
}
