import HearthCells
import HearthRecipes
import HearthStore
import HearthTransactions
import HearthValues
import Testing

@testable import HearthRooms

@Suite("What a room keeps of its past in memory")
struct BacklogTests {
    private static let recipe = """
        local t = require "hearth.types"
        return recipe {
          name = "test", version = 1,
          cells = {
            lines = t.list(t.string()), n = t.integer { default = 0 }, apart = t.integer { default = 0 },
            most = t.integer { default = 0 } :merge "max",
            cursor = t.integer { default = 0 } :per "session" :ephemeral(),
          },
          derived = { last = t.last("lines", 3), size = function(cells) return #cells.lines end },
          handlers = {
            say = function(cells, data) cells.lines:push(data.text) end,
            add = function(cells) cells.n:increment(1) end,
            set = function(cells, data) cells.n = data.to end,
            climb = function(cells, data, ctx)
              local seen = cells.most
              ctx.sleep(data.ms)
              cells.most = seen + 1
            end,
            rise = function(cells) cells.most = cells.most + 5 end,
          },
        }
        """

    enum Trim: CaseIterable { case nothing, age, number, bytes, silence }

    private func room(_ trim: Trim) throws -> SimulatedRoom {
        var limits = RoomLimits()
        if trim == .number { limits.backlogMax = 7 }
        if trim == .bytes { limits.backlogBytesMax = 6_000 }
        return try SimulatedRoom(Self.recipe, limits: limits)
    }

    /// What a replica was after each commit.
    private struct Past {
        var replicas: [UInt64: Value] = [:]
        mutating func note(_ client: SimulatedClient) { replicas[client.seq] = client.replica }
    }

    @Test(
        "is enough for those who resume from it, and who resumes from before it gets everything",
        arguments: Trim.allCases, [StateRequest.full, .cells(["n", "last"])])
    func resume(trim: Trim, state: StateRequest) throws {
        let room = try room(trim)
        let watcher = room.join(state: state)
        let away = room.join(state: state)
        var past = Past()
        past.note(watcher)
        away.disconnect()
        for number in 0..<40 {
            watcher.send(number % 3 == 0 ? "add" : "say", ["text": .string("line \(number)")])
            past.note(watcher)
            if trim == .age { room.advance(6_000) }
            // As somebody who is away returns before its time is up, and goes again.
            if number % 10 == 9 { room.join(state: state, resume: away).disconnect() }
        }
        if trim == .silence {
            room.handle(.disconnected(watcher.connection))
            room.pump()
            room.advance(100_000)
            room.join(state: state, resume: away).disconnect()
            room.advance(60_000)
        }
        let kept = room.machine.backlog.commits.first?.seq ?? room.machine.durable.seq + 1
        switch trim {
        case .nothing: #expect(kept <= 2)
        case .age: #expect(kept > 15 && kept < 24)
        case .number: #expect(room.machine.backlog.commits.count == 7)
        case .bytes: #expect(kept > 20 && kept <= room.machine.durable.seq)
        case .silence: #expect(room.machine.backlog.commits.isEmpty)
        }
        try resumeFromEverywhere(away, state, room, past)
    }

    private func resumeFromEverywhere(
        _ away: SimulatedClient, _ state: StateRequest, _ room: SimulatedRoom, _ past: Past
    ) throws {
        let fresh = room.join(state: state)
        var seen = 0
        for (seq, replica) in past.replicas.sorted(by: { $0.key < $1.key }) {
            let kept = room.machine.backlog.commits.first?.seq ?? room.machine.durable.seq + 1
            away.seq = seq
            away.replica = replica
            let back = room.join(state: state, resume: away)
            #expect(back.lastJoined?.resumed == true && back.faults.isEmpty, "from \(seq): \(back.faults)")
            #expect((back.lastJoined?.cells == nil) == (seq + 1 >= kept), "from \(seq), kept from \(kept)")
            for cell in ["n", "last", "lines", "size"] {
                #expect(back.cells[cell] == fresh.cells[cell], "\(cell) from \(seq), kept from \(kept)")
            }
            fresh.send("add")
            #expect(back.cells["n"] == fresh.cells["n"] && back.faults.isEmpty)
            back.disconnect()
            seen += 1
            if seen > 60 { break }
        }
        #expect(seen > 30)
    }

    @Test(
        "tells those who follow some cells what they missed, however many changes a commit has",
        arguments: [3, 32, 33, 200])
    func manyChanges(count: Int) throws {
        let recipe = """
            local t = require "hearth.types"
            return recipe { name = "test", cells = { a = t.map(t.integer), b = t.map(t.integer) },
              handlers = { fill = function(cells, data)
                for i = 1, data.count do cells.a["k" .. i] = data.value cells.b["k" .. i] = data.value end
              end } }
            """
        let room = try SimulatedRoom(recipe)
        let ann = room.join(), bob = room.join(state: .cells(["b"])), cleo = room.join(state: .cells(["b"]))
        ann.send("fill", ["count": .int(Int64(count)), "value": 1])
        bob.disconnect()
        for value in 2...4 { ann.send("fill", ["count": .int(Int64(count)), "value": .int(Int64(value))]) }
        let back = room.join(state: .cells(["b"]), resume: bob)
        #expect(back.lastJoined?.resumed == true && back.lastJoined?.cells == nil && back.commits.count >= 3)
        #expect(back.faults.isEmpty && back.cells["b"] == ann.cells["b"] && back.cells["b"] == cleo.cells["b"])
        #expect(back.commits.suffix(3).map(\.patch) == cleo.commits.suffix(3).map(\.patch))
    }

    @Test("is bounded in time, however long the room goes on")
    func time() throws {
        let room = try room(.nothing)
        let ann = room.join(state: .cells(["n"]))
        var most = (commits: 0, history: 0, notices: 0)
        for _ in 0..<600 {
            ann.send("add")
            room.advance(1_000)
            most.commits = max(most.commits, room.machine.backlog.commits.count)
            most.history = max(most.history, room.machine.history.count)
            most.notices = max(most.notices, ann.lastJoined?.audience.recent.count ?? 0)
        }
        // 120 seconds, and an eighth.
        #expect(most.commits >= 120 && most.commits <= 136)
        #expect(most.history >= 120 && most.history <= 136)
        #expect(most.notices >= 120 && most.notices <= 136)
    }

    @Test(
        "counts what stands in paths and links too, not only in values",
        arguments: ["cells.m[data] = 1 cells.m[data] = nil", "cells.m[data] = 1 cells.link = cells.m:key(data)"])
    func longKeys(body: String) throws {
        let recipe = """
            local t = require "hearth.types"
            return recipe {
              name = "test", version = 1, cells = { m = t.map(t.integer()), link = t.link(), },
              handlers = { go = { data = t.string(), run = function(cells, data) \(body) end } },
            }
            """
        let room = try SimulatedRoom(recipe)
        let ann = room.join()
        for number in 0..<100 { ann.send("go", .string(String(repeating: "k", count: 40_000) + String(number))) }
        let kept = room.machine.backlog.commits.flatMap(\.commit.writes)
        let held = kept.reduce(0) { $0 + $1.path.description.utf8.count }
        #expect(room.machine.stats.failures == 0 && kept.count > 5)
        #expect(held < 1_200_000, "\(held) bytes of paths in \(kept.count) changes")
    }

    @Test("is bounded in bytes, those of all audiences counted, and one large commit is not kept at all")
    func bytes() throws {
        var limits = RoomLimits()
        limits.backlogBytesMax = 50_000
        let room = try SimulatedRoom(Self.recipe, limits: limits)
        let ann = room.join()
        let names = ["n", "last", "size", "apart"]
        let others = names.map { room.join(state: .cells([$0])) }
        for number in 0..<200 {
            ann.send("say", ["text": .string(String(repeating: "x", count: number * 7))])
            let machine = room.machine
            let audiences = machine.audiences.flatMap { $0.recent.map(\.weight) }.reduce(0, +)
            #expect(machine.noticeBytes == audiences)
            #expect(machine.backlog.bytes == machine.backlog.commits.map(\.weight).reduce(0, +))
            #expect(machine.backlog.bytes < 50_000 && machine.history.bytes <= 50_000)
        }
        #expect(room.machine.backlog.commits.count > 3)
        ann.send("say", ["text": .string(String(repeating: "x", count: 60_000))])
        #expect(room.machine.backlog.commits.isEmpty && room.machine.noticeBytes == 0)
        #expect(room.machine.audiences.allSatisfy { $0.recent.isEmpty } && others.allSatisfy { $0.faults.isEmpty })
        let bob = others[1]
        bob.disconnect()
        let back = room.join(state: .cells(["last"]), resume: bob)
        #expect(back.lastJoined?.resumed == true && back.lastJoined?.cells == nil, "it had missed nothing")
    }

    @Test("goes when the room falls silent, at the next tick; until then the room says that there is something old")
    func silence() throws {
        let room = try room(.nothing)
        let ann = room.join()
        for _ in 0..<100 { ann.send("add") }
        #expect(room.machine.backlog.commits.count > 90 && !room.machine.isHoldingOld(at: room.now + 134_999))
        room.now += 135_000
        #expect(room.machine.isHoldingOld(at: room.now))
        room.handle(.tick)
        #expect(room.machine.backlog.commits.isEmpty && room.machine.history.count == 32)
        #expect(!room.machine.isHoldingOld(at: .max - 1))
        ann.send("add")
        #expect(ann.faults.isEmpty && room.machine.backlog.commits.count == 1)
    }

    @Test("keeps its time when somebody sets the clock back")
    func clock() throws {
        let room = try room(.nothing)
        let ann = room.join()
        for _ in 0..<10 { ann.send("add") }
        room.now -= 3_600_000
        room.handle(.tick)
        room.now += 119_000
        room.handle(.tick)
        #expect(room.machine.backlog.commits.count >= 10)
        room.now += 20_000
        room.handle(.tick)
        #expect(room.machine.backlog.commits.isEmpty)
    }

    @Test("reaches back to what a handler that waits has seen, and no further when it has ended")
    func waiting() throws {
        let room = try room(.nothing)
        let ann = room.join()
        let bob = room.join()
        ann.start("climb", ["ms": 500_000])
        room.pump()
        for _ in 0..<60 {
            bob.send("rise")
            room.advance(5_000)
        }
        #expect(room.machine.history.count >= 60)
        room.advance(250_000)
        #expect(ann.acks.count == 1 && room.machine.stats.conflicts == 0 && room.machine.stats.merges == 1)
        #expect(ann.cells["most"] == 300)
        #expect(room.machine.history.count <= 33)
    }

    @Test("tells strict events of what has changed, however long ago, unless much has happened since")
    func strict() throws {
        let room = try room(.nothing)
        let ann = room.join()
        let basis = ann.seq
        for _ in 0..<20 { ann.send("say", ["text": "hi"]) }
        room.advance(3_600_000)
        ann.send("set", ["to": 5], basis: basis, strict: true)
        #expect(ann.acks.last?.id == 21 && ann.cells["n"] == 5)
        ann.send("set", ["to": 6], basis: basis, strict: true)
        #expect(ann.errors.last?.failure.details.object?["cell"] == "n")
        for _ in 0..<40 { ann.send("say", ["text": "hi"]) }
        room.advance(3_600_000)
        ann.send("set", ["to": 7], basis: basis, strict: true)
        #expect(ann.errors.last?.failure.code == "conflict" && ann.cells["n"] == 5)
    }

    /// Somebody whose cursor had been forgotten stayed on the screen of whoever had been away meanwhile.
    @Test("sends everything to those who missed more that is ephemeral than is known")
    func ephemeral() throws {
        var limits = RoomLimits()
        limits.backlogMax = 4
        let room = try SimulatedRoom(Self.recipe, limits: limits)
        let ann = room.join()
        let bob = room.join()
        #expect(ann.cells["cursor@\(bob.session)"] == 0)
        ann.disconnect()
        bob.disconnect()
        for _ in 0..<4 { room.join(name: "passer").disconnect() }
        let back = room.join(resume: ann)
        #expect(back.cells["cursor@\(bob.session)"] == nil && back.lastJoined?.resumed == true)
        #expect(back.cells.keys.filter { $0.hasPrefix("cursor@") } == ["cursor@\(back.session)"])
    }
}

@Suite("The answers that a session remembers")
struct AnswerWindowTests {
    @Test("are the last ones as they were given", arguments: 0..<20)
    func model(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        let limit = 1 + random.next(below: 20)
        var window = AnswerWindow(limit: limit)
        var known: [Int64: Answer?] = [:]
        var last: Int64 = 0
        for _ in 0..<500 {
            if last == 0 || random.next(below: 3) > 0 {
                last += random.next(below: 40) == 0 ? Int64(2 + random.next(below: 30)) : 1
                known[last] = .some(nil)
                window.hold(last)
            }
            let id = max(1, last - Int64(random.next(below: limit + 3)))
            if known[id] != nil, id > last - Int64(limit) {
                let answer = self.answer(id, &random)
                known[id] = .some(answer)
                window.set(answer, at: id)
            }
            for id in max(1, last - 50)...(last + 2) {
                let isGone = id <= last - Int64(limit) || known[id] == nil
                switch window[id] {
                case .gone: #expect(isGone, "\(id) of \(last), limit \(limit)")
                case .held:
                    guard let given = known[id] else { continue }
                    #expect(!isGone && { if case nil = given { true } else { false } }(), "\(id) of \(last)")
                case .known(let answer):
                    #expect(!isGone && known[id]??.result == answer.result, "\(id) of \(last)")
                }
            }
        }
    }

    private func answer(_ id: Int64, _ random: inout SeededRandom) -> Answer {
        let seq = random.next(below: 5) == 0 ? UInt64.max - UInt64(random.next(below: 5)) : random.next()
        switch random.next(below: 4) {
        case 0: return .ack(Ack(id: id, seq: seq, result: .int(id), runs: 1))
        case 1: return .ack(Ack(id: id, seq: seq, result: nil, runs: 2))
        case 2: return .error(Failure(code: "forbidden", message: "no \(id)", retryable: false))
        default: return .ack(Ack(id: id, seq: seq, result: nil, runs: 1))
        }
    }
}
