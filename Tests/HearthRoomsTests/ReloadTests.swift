import HearthRecipes
import HearthRooms
import HearthStore
import HearthValues
import Testing

@Suite("A recipe reloaded while its room is used")
struct ReloadTests {
    @Test("takes over between two commits: state and sessions stay, and everyone is told")
    func takesOver() throws {
        let room = try SimulatedRoom(SampleRecipes.chat)
        let ann = room.join(name: "Ann")
        ann.send("send", ["text": "one"])
        ann.start("send", ["text": "two"])
        try room.startReload(ReloadRecipes.louder)
        ann.start("send", ["text": "three"])
        room.pump()
        #expect(ann.acks.map(\.id) == [1, 2, 3])
        #expect(ann.cells["shout"] == "N3" && ann.cells["count"] == 3)
        #expect(ann.reloads.map(\.hash) == [room.machine.recipe.hash])
        #expect(ann.shared == room.machine.describe().cells && ann.faults.isEmpty)
        // What changed by the change of recipe alone is a commit like any other.
        #expect(ann.commits.map(\.event) == ["send", "send", "reload", "send"])
    }

    @Test("makes no commit where nothing of the room changes")
    func silent() throws {
        let room = try SimulatedRoom(SampleRecipes.chat)
        let ann = room.join(name: "Ann")
        let report = try #require(try room.reload(SampleRecipes.chat + "\n-- a word"))
        guard case .swapped(nil, false) = report.outcome else { return #expect(Bool(false), "\(report)") }
        #expect(ann.commits.isEmpty && ann.reloads.count == 1)
        #expect(room.machine.recipe.hash != report.from.hash)
        ann.send("send", ["text": "on"])
        #expect(ann.cells["count"] == 1)
    }

    @Test("migrates in one commit, which gives new cells and fields their first values")
    func migrates() throws {
        let room = try SimulatedRoom(SampleRecipes.chat)
        let ann = room.join(name: "Ann")
        ann.send("send", ["text": "one"])
        try room.reload(ReloadRecipes.topics)
        #expect(ann.cells["topic"] == "from 1")
        #expect(ann.cells["mood@s1"] == "calm")
        #expect(ann.cells["user@s1"] == ["name": "Ann", "nick": "-"])
        #expect(ann.commits.map(\.event) == ["send", "reload"])
        #expect(try room.store.record(room: "lobby")?.recipeVersion == 2)
        let late = room.join(name: "Late")
        #expect(late.shared == room.machine.describe().cells && ann.shared == late.shared)
        #expect(ann.faults.isEmpty)
    }

    @Test("leaves the room on the old version when the migration fails, and says where")
    func failingMigration() throws {
        let room = try SimulatedRoom(SampleRecipes.chat)
        let ann = room.join(name: "Ann")
        let report = try #require(try room.reload(ReloadRecipes.failing))
        guard case .refused(let failure) = report.outcome else { return #expect(Bool(false), "\(report)") }
        #expect(failure.message.contains("not today"))
        #expect(failure.details.object?["line"]?.int != nil)
        #expect(failure.details.object?["source"]?.string?.contains("not today") == true)
        ann.send("send", ["text": "on"])
        #expect(ann.acks.count == 1 && ann.reloads.isEmpty && ann.cells["total"] == 1)
        #expect(try room.store.record(room: "lobby")?.recipeVersion == 1)
    }

    @Test("is refused where a cell does not fit, which is named")
    func unfit() throws {
        let room = try SimulatedRoom(SampleRecipes.chat)
        let ann = room.join(name: "Ann")
        ann.send("send", ["text": "one"])
        let report = try #require(try room.reload(ReloadRecipes.unfit))
        guard case .refused(let failure) = report.outcome else { return #expect(Bool(false), "\(report)") }
        #expect(failure.message.contains("messages/0/at"), "\(failure.message)")
        #expect(failure.message.contains("recipe.lua:"))
        ann.send("send", ["text": "two"])
        #expect(ann.cells["count"] == 2)
    }

    @Test("on.migrate reaches cells of earlier versions, and everybody's")
    func reachesEverything() throws {
        let room = try SimulatedRoom(SampleRecipes.chat)
        let ann = room.join(name: "Ann")
        let bob = room.join(name: "Bob")
        ann.send("point", ["to": "somewhere"])
        let next = ReloadRecipes.chat(
            version: 2, ("pointed = t.any,", "aim = t.string { default = \"\" },"),
            ("point = function(cells, data) cells.pointed = data.to end,", ""),
            (
                "on = {",
                """
                on = { migrate = function(cells, from)
                  cells.aim = cells.pointed .. "!"
                  cells.pointed = nil
                  assert(cells.never_was == nil)
                  for owner, user in pairs(cells.user) do user.name = owner .. " " .. user.name end
                end,
                """
            ))
        let report = try #require(try room.reload(next))
        guard case .swapped = report.outcome else { return #expect(Bool(false), "\(report)") }
        #expect(bob.cells["aim"] == "somewhere!" && bob.cells["pointed"] == nil)
        #expect(bob.cells["user@s1"] == ["name": "s1 Ann"] && ann.cells["user@s2"] == ["name": "s2 Bob"])
    }

    @Test("hides what it does not declare any more, and shows it again when it does")
    func hides() throws {
        let room = try SimulatedRoom(SampleRecipes.chat)
        let ann = room.join(name: "Ann")
        ann.send("point", ["to": 5])
        try room.reload(ReloadRecipes.chat(version: 1, ("pointed = t.any,", "")))
        #expect(ann.cells["pointed"] == nil)
        #expect(room.machine.cell("pointed") == nil && room.machine.cells["pointed"] == 5)
        let late = room.join(name: "Late")
        #expect(late.cells["pointed"] == nil)
        late.disconnect()
        let back = room.join(resume: ann)
        #expect(back.shared == room.machine.describe().cells && back.faults.isEmpty)
        try room.reload(SampleRecipes.chat)
        #expect(back.cells["pointed"] == 5 && back.faults.isEmpty)
    }

    @Test("shows everyone what it may see when that has changed, and to and fro")
    func visibility() throws {
        let open = ReloadRecipes.chat(version: 1, (":per \"session\" :private()", ":per \"session\""))
        let room = try SimulatedRoom(SampleRecipes.chat)
        let ann = room.join(name: "Ann")
        let bob = room.join(name: "Bob")
        ann.send("note", ["text": "mine"])
        #expect(bob.cells["notes@s1"] == nil)
        for _ in 0..<2 {
            try room.reload(open)
            #expect(bob.cells["notes@s1"] == ["mine"] && bob.cells["notes@s2"] == [])
            ann.send("send", ["text": "between"])
            try room.reload(SampleRecipes.chat)
            #expect(bob.cells["notes@s1"] == nil && bob.cells["notes@s2"] == [] && ann.cells["notes@s1"] == ["mine"])
        }
        ann.send("send", ["text": "after"])
        #expect(ann.shared == bob.shared && ann.cells["count"] == bob.cells["count"])
        #expect(ann.bye == nil && bob.bye == nil && ann.faults.isEmpty && bob.faults.isEmpty)
    }

    @Test("shows what may be seen now also to whose connection breaks at that moment, and to who was away")
    func visibilityUnread() throws {
        let room = try SimulatedRoom(SampleRecipes.chat)
        let ann = room.join(name: "Ann")
        let bob = room.join(name: "Bob")
        let eve = room.join(name: "Eve")
        ann.send("note", ["text": "mine"])
        eve.disconnect()
        bob.losesState = true
        try room.reload(ReloadRecipes.chat(version: 1, (":per \"session\" :private()", ":per \"session\"")))
        bob.disconnect()
        for away in [bob, eve] {
            let back = room.join(resume: away)
            #expect(back.cells["notes@s1"] == ["mine"] && back.faults.isEmpty)
        }
    }

    @Test("is taken back with the commits that the disk refuses, and comes again")
    func diskRefuses() throws {
        let room = try SimulatedRoom(SampleRecipes.chat)
        let ann = room.join(name: "Ann")
        room.disk = .held
        ann.start("send", ["text": "lost"])
        try room.startReload(ReloadRecipes.topics)
        room.pump()
        room.disk = .full
        room.settleWrites()
        room.pump()
        #expect(room.machine.recipe.version == 1 && ann.reloads.isEmpty)
        room.disk = .works
        ann.send("send", ["text": "kept"])
        #expect(ann.cells["count"] == 1)
        room.advance(2_000)
        #expect(room.machine.recipe.version == 2 && ann.reloads.count == 1)
        #expect(ann.cells["topic"] == "from 1" && ann.faults.isEmpty)
    }

    @Test("happens once, whenever the process dies")
    func dies() throws {
        let room = try SimulatedRoom(SampleRecipes.chat)
        _ = room.join(name: "Ann")
        let counting = ReloadRecipes.chat(
            version: 2, ("on = {", "on = { migrate = function(cells) cells.total = cells.total + 1 end,"))
        let source = RecipeSource(name: "test", text: counting)
        // Before its commit is on disk, and after.
        room.disk = .held
        try room.startReload(counting)
        room.pump()
        let before = try #require(try room.store.load(room: "lobby"))
        #expect(before.record.recipeVersion == 1)
        room.disk = .works
        try room.open(before, source)
        #expect(room.machine.cells["total"] == 1)
        for _ in 0..<3 {
            let stored = try #require(try room.store.load(room: "lobby"))
            try room.open(stored, source)
        }
        #expect(room.machine.cells["total"] == 1)
    }

    @Test("a room that slept through several versions is told from which it comes")
    func severalBehind() throws {
        let room = try SimulatedRoom(SampleRecipes.chat)
        _ = room.join(name: "Ann")
        let stored = try #require(try room.store.load(room: "lobby"))
        let later = ReloadRecipes.topics.replacing("version = 2,", with: "version = 9,")
        try room.open(stored, RecipeSource(name: "test", text: later))
        #expect(room.machine.cells["topic"] == "from 1")
        #expect(room.machine.recipe.version == 9)
        let again = try #require(try room.store.load(room: "lobby"))
        #expect(again.record.recipeVersion == 9 && !RoomMigration.mayBeNeeded(for: again, by: room.recipe))
    }

    @Test("a sleeping room that cannot run it stays as it is")
    func unfitAsleep() throws {
        let room = try SimulatedRoom(SampleRecipes.chat)
        room.join(name: "Ann").send("send", ["text": "one"])
        let stored = try #require(try room.store.load(room: "lobby"))
        #expect(throws: RoomError.self) {
            try room.open(stored, RecipeSource(name: "test", text: ReloadRecipes.unfit))
        }
        #expect(try room.store.load(room: "lobby") == stored)
    }
}

@Suite("Events that wait while the recipe is reloaded")
struct ReloadWaitTests {
    private func room() throws -> SimulatedRoom { try SimulatedRoom(SampleRecipes.waits) }

    @Test("run again under the new version, with what they were answered")
    func newCode() throws {
        let room = try room()
        let ann = room.join()
        let bob = room.join()
        ann.send("ask", ["who": .string(bob.session), "timeout": 5_000])
        let ask = try #require(bob.asks.first)
        try room.reload(
            SampleRecipes.waits.replacing(
                "cells.log:push(answer and answer.text or \"nothing\")",
                with: "cells.log:push(\"new \" .. (answer and answer.text or \"nothing\"))"))
        bob.answer(ask.id, ["text": "yes"])
        #expect(ann.cells["log"] == ["new yes"])
        #expect(ann.acks.count == 1 && bob.asks.count == 1)
        #expect(room.reports.last?.reattached == 1)
    }

    @Test("end in one error when the handler is gone, and those behind them go on")
    func handlerGone() throws {
        let room = try room()
        let ann = room.join()
        ann.start("blind")
        ann.start("say", ["text": "after"])
        room.pump()
        try room.reload(SampleRecipes.waits.replacing("blind = function", with: "sighted = function"))
        #expect(ann.errors.map(\.failure.code) == ["handler_failed"])
        #expect(ann.errors.first?.failure.message.contains("no handler `blind` any more") == true)
        #expect(ann.cells["log"] == ["after"])
        #expect(room.reports.last?.lostWaits == 1 && room.machine.waits.isEmpty)
    }

    @Test("do not take what was read under the old version for a conflict")
    func noConflict() throws {
        let room = try room()
        let ann = room.join()
        let bob = room.join()
        ann.send("add", ["ms": 100, "by": 5])
        bob.send("now", ["n": 10])
        try room.reload(SampleRecipes.waits + "\n-- again")
        room.advance(500)
        #expect(ann.cells["n"] == 15 && ann.acks.count == 1 && ann.errors.isEmpty)
    }

    @Test("timers whose handlers are gone are named, stay, and are told of when they are due")
    func timers() throws {
        let room = try SimulatedRoom(SampleRecipes.chat)
        let ann = room.join()
        ann.send("later", ["ms": 60_000])
        try room.reload(ReloadRecipes.poorer)
        #expect(room.reports.last?.lostTimers.first?.contains("(tick)") == true)
        try room.reload(ReloadRecipes.chat(version: 4))
        #expect(room.reports.last?.lostTimers == [])
        room.advance(61_000)
        #expect(ann.cells["total"] == 5)
    }
}

extension SimulatedClient {
    /// What everybody sees.
    fileprivate var shared: Object {
        var shared = cells
        for cell in cells.keys where cell.hasPrefix("notes") { shared[cell] = nil }
        return shared
    }
}
