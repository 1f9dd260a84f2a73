import HearthRecipes
import HearthRooms
import HearthStore
import HearthValues
import Testing

@Suite("Planned faults")
struct FaultTests {
    @Test("are read from text")
    func reading() throws {
        let plan = try RoomFaults("seed=7, conflict=0.5,conflict:send=3,discard=0.2,drop=0.01,delay=50,refuse=100")
        #expect(plan.seed == 7 && plan.conflict == 0.5 && plan.conflictsOf == ["send": 3] && plan.discard == 0.2)
        #expect(plan.drop == 0.01 && plan.delayMs == 50 && plan.refuse == 100)
    }

    @Test(
        "that cannot be read are refused with what would be right",
        arguments: [
            ("conflict", "settings are"), ("conflict=2", "a share from 0 to 1"), ("delay=-1", "milliseconds"),
            ("refuse=1", "from 2"), ("speed=9", "settings are"), ("conflict:=1", "settings are"),
        ])
    func refusing(text: String, advice: String) {
        do {
            _ = try RoomFaults(text)
            Issue.record("\(text) was taken")
        } catch {
            #expect(error.description.contains(advice), "\(error)")
        }
    }

    @Test("the chat of two tabs: 4,000 messages, each once, in sender order, each with a living author")
    func chat() throws {
        let life = try FaultyChat(try RoomFaults("seed=3,conflict=0.5,discard=0.2"))
        try life.run()
        #expect(life.room.machine.stats.conflicts > 50)
        #expect(life.room.machine.stats.reruns == life.room.machine.stats.conflicts)
    }

    @Test("sockets cut at any step, late commits and a failing disk lose and double nothing", arguments: 1...6)
    func everything(seed: Int) throws {
        let plan = try RoomFaults("seed=\(seed),conflict=0.3,discard=0.02,drop=0.1,delay=5,refuse=9")
        let life = try FaultyChat(plan, events: 60, mayFail: true)
        try life.run()
    }

    /// Refused was every second write, and the answer to a refused event is a write: a client that tried again alone never
    /// got through.
    @Test("a client that tries again gets through a disk that refuses every second write")
    func refusals() throws {
        var limits = RoomLimits()
        limits.faults = try RoomFaults("refuse=2")
        let room = try SimulatedRoom(SampleRecipes.waits, limits: limits)
        var ann = room.join()
        while ann.refused != nil { ann = room.join() }
        for count in 1...10 {
            for _ in 0..<40 where ann.acks.count < count { ann.send("now", ["n": .int(Int64(count))]) }
            #expect(ann.acks.count == count)
        }
        #expect(ann.errors.allSatisfy { $0.failure.code == "storage_unavailable" } && !ann.errors.isEmpty)
        #expect(ann.acks.count + ann.errors.count == Int(ann.nextEvent) - 1)
    }

    @Test("checking runs each handler twice and names the line that differs")
    func checking() throws {
        let room = try WaitTests.room { $0.checksRuns = true }
        let ann = room.join()
        ann.send("add", ["ms": 10])
        room.advance(20)
        ann.send("effects")
        room.advance(100)
        #expect(ann.errors.isEmpty, "\(ann.errors)")
        ann.send("runs")
        let failure = try #require(ann.errors.first?.failure)
        #expect(failure.message.contains("it wrote `n = 1`, then `n = 2` (recipe.lua:"), "\(failure.message)")
        #expect(ann.cells["n"] == 1)
    }
}

/// Two tabs that send bursts of linked messages, reload every ten events, and go on whatever happens.
private final class FaultyChat {
    let room: SimulatedRoom
    private let events: Int
    private let mayFail: Bool
    private var tabs: [Tab] = []

    private final class Tab {
        var client: SimulatedClient
        init(_ client: SimulatedClient) { self.client = client }
    }

    private static let recipe = """
        local t = require "hearth.types"
        return recipe {
          name = "burst", version = 1,
          cells = {
            messages = t.list(t.object { author = t.link "user", number = t.integer(), part = t.integer() }),
            user = t.object { name = t.string { default = "Guest" } } :per "session",
          },
          derived = { count = t.count("messages"), recent = t.last("messages", 50) },
          handlers = {
            burst = function(cells, data)
              for part = 1, 20 do
                cells.messages:push { author = cells.user, number = data.number, part = part }
              end
            end,
            rename = function(cells, data) cells.user.name = data.name end,
          },
        }
        """

    init(_ plan: RoomFaults, events: Int = 200, mayFail: Bool = false) throws {
        var limits = RoomLimits()
        limits.faults = plan
        room = try SimulatedRoom(Self.recipe, limits: limits)
        self.events = events
        self.mayFail = mayFail
    }

    func run() throws {
        tabs = [Tab(room.join(name: "a")), Tab(room.join(name: "b"))]
        settle()
        for number in 0..<events {
            commit("burst", ["number": .int(Int64(number))], tabs[number % 2])
            if number % 10 == 9 { for tab in tabs { reload(tab) } }
        }
        check()
    }

    /// Sends an event until it is committed: the same again after a lost socket, a new one after an error.
    private func commit(_ name: String, _ data: Value, _ tab: Tab) {
        for _ in 0..<50 {
            resumeIfCut(tab)
            let id = tab.client.nextEvent
            if isCommitted(id, name, data, tab) { return }
        }
        Issue.record("\(name) was refused 50 times")
    }

    private func isCommitted(_ id: Int64, _ name: String, _ data: Value, _ tab: Tab) -> Bool {
        for _ in 0..<200 {
            resumeIfCut(tab)
            tab.client.nextEvent = id
            tab.client.start(name, data)
            settle()
            if tab.client.acks.contains(where: { $0.id == id }) { return true }
            if let error = tab.client.errors.first(where: { $0.id == id }) {
                #expect(mayFail && error.failure.code == "storage_unavailable", "\(error.failure)")
                return false
            }
            #expect(tab.client.isCut, "neither answered nor cut")
        }
        Issue.record("event \(id) was never decided")
        return true
    }

    private func settle() {
        room.pump()
        room.advance(2_000)
    }

    private func resumeIfCut(_ tab: Tab) {
        while tab.client.isCut || tab.client.refused != nil {
            let back = room.join(resume: tab.client)
            settle()
            if back.refused == nil { tab.client = back }
        }
    }

    private func reload(_ tab: Tab) {
        resumeIfCut(tab)
        tab.client.disconnect()
        tab.client.isCut = true
        resumeIfCut(tab)
    }

    private func check() {
        for tab in tabs { #expect(tab.client.faults.isEmpty, "\(tab.client.faults)") }
        guard case .list(let messages)? = room.machine.describe().cells["messages"] else {
            Issue.record("no messages")
            return
        }
        #expect(messages.count == events * 20)
        var seen: [Int64] = []
        for message in messages {
            guard let message = message.object, let number = message["number"], case .int(let number) = number,
                message["author"] != .null
            else { continue }
            seen.append(number)
        }
        let wanted = (0..<events).flatMap { Array(repeating: Int64($0), count: 20) }
        #expect(seen.elementsEqual(wanted), "in the order in which they were sent")
        for (index, tab) in tabs.enumerated() { commit("rename", ["name": .string("tab \(index)")], tab) }
        for tab in tabs { resumeIfCut(tab) }
        let cells = room.machine.describe().cells
        for (index, tab) in tabs.enumerated() {
            #expect(cells["user@\(tab.client.session)"]?.object?["name"] == .string("tab \(index)"))
        }
        for tab in tabs { #expect(tab.client.cells["messages"] == cells["messages"]) }
    }
}
