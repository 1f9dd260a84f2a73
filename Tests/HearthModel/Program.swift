package import HearthValues

/// What one event does: a list of steps that the model's recipe carries out in Lua, and the oracle in plain Swift.
package struct Program: Sendable, Equatable {
    package enum Step: Sendable, Equatable {
        /// cells[a] = cells[a] + k
        case add(String, Int)
        /// cells[a] = cells[b]
        case copy(to: String, from: String)
        /// cells[a]:increment(k)
        case increment(String, Int)
        /// cells[a] = k
        case set(String, Int)
        /// Passes over the next step unless cells[a] > k.
        case ifAbove(String, Int)
        /// rows:push { v = k }
        case push(Int)
        /// rows:push { v = #rows }
        case pushLength
        /// rows:insert(i, { v = k }), if there are that many
        case insert(Int, Int)
        /// rows:remove(i), if it is there
        case remove(Int)
        /// rows[i].v = rows[i].v + k, if it is there
        case addToRow(Int, Int)
        /// link = rows[i], if it is there
        case linkRow(Int)
        /// link = one or two
        case linkCell(String)
        /// link.v = link.v + k, if the link leads somewhere
        case addThroughLink(Int)
        /// map[key] = k
        case setKey(String, Int)
        /// map[key] = nil
        case removeKey(String)
        /// a = number of keys of the map
        case countKeys
        /// ctx.sleep(ms)
        case pause(Int)
        /// a = a + the answer of a participant to a question with the value of a cell, 100 without answer
        case ask(participant: Int, about: String)
        /// ctx.fail
        case fail
    }

    package var steps: [Step]

    package init(_ steps: [Step]) { self.steps = steps }

    static let plain = ["a", "b", "c"]
    /// Cells with merge policies: last-write, max, and a function that adds both changes.
    static let merged = ["latest", "most", "sum"]

    package static func random(_ random: inout SeededRandom, participants: Int) -> Program {
        Program((0..<(1 + random.next(below: 5))).map { _ in step(&random, participants) })
    }

    private static func step(_ random: inout SeededRandom, _ participants: Int) -> Step {
        func any(_ names: [String]) -> String { names[random.next(below: names.count)] }
        let k = 1 + random.next(below: 9)
        let row = 1 + random.next(below: 3)
        switch random.next(below: 26) {
        case 0, 1: return .add(any(plain + merged), k)
        case 2: return .copy(to: any(plain), from: any(plain + merged))
        case 3: return .increment(any(plain), k)
        case 4: return .set(any(plain), k)
        case 5: return .ifAbove(any(plain + merged), k)
        case 6, 7: return .push(k)
        case 8: return .pushLength
        case 9: return .insert(row, k)
        case 10: return .remove(row)
        case 11: return .addToRow(row, k)
        case 12: return .linkRow(row)
        case 13: return .linkCell(any(["one", "two"]))
        case 14: return .addThroughLink(k)
        case 15: return .setKey(any(["x", "y"]), k)
        case 16: return .removeKey(any(["x", "y"]))
        case 17: return .countKeys
        case 18, 19: return .add(any(merged), k)
        case 20: return .set(any(["latest", "most"]), k)
        case 21, 22, 23: return .pause(1 + random.next(below: 3))
        case 24: return .ask(participant: random.next(below: participants), about: any(plain))
        default: return random.next(below: 4) == 0 ? .fail : .pause(1)
        }
    }

    /// As the recipe takes it.
    func data(sessions: [String]) -> Value {
        .object(["steps": .list(List(steps.map { .list(List($0.words(sessions))) }))])
    }
}

extension Program.Step {
    /// Whether what it does depends on more than the cells: an answer, or what others write at the same time.
    var isSettledByOthers: Bool {
        switch self {
        case .ask: true
        case .add(let cell, _), .set(let cell, _): Program.merged.contains(cell)
        default: false
        }
    }

    fileprivate func words(_ sessions: [String]) -> [Value] {
        func int(_ number: Int) -> Value { .int(Int64(number)) }
        return switch self {
        case .add(let cell, let k): ["add", .string(cell), int(k)]
        case .copy(let to, let from): ["copy", .string(to), .string(from)]
        case .increment(let cell, let k): ["increment", .string(cell), int(k)]
        case .set(let cell, let k): ["set", .string(cell), int(k)]
        case .ifAbove(let cell, let k): ["if_above", .string(cell), int(k)]
        case .push(let k): ["push", int(k)]
        case .pushLength: ["push_length"]
        case .insert(let row, let k): ["insert", int(row), int(k)]
        case .remove(let row): ["remove", int(row)]
        case .addToRow(let row, let k): ["add_to_row", int(row), int(k)]
        case .linkRow(let row): ["link_row", int(row)]
        case .linkCell(let cell): ["link_cell", .string(cell)]
        case .addThroughLink(let k): ["add_through_link", int(k)]
        case .setKey(let key, let k): ["set_key", .string(key), int(k)]
        case .removeKey(let key): ["remove_key", .string(key)]
        case .countKeys: ["count_keys"]
        case .pause(let ms): ["sleep", int(ms)]
        case .ask(let participant, let cell): ["ask", .string(sessions[participant]), .string(cell)]
        case .fail: ["fail"]
        }
    }
}

/// The recipe that carries programs out.
enum ModelRecipe {
    /// So many versions, which behave alike; `on.migrate` of each shows that it ran.
    static let versions = 4
    /// What `on.migrate` adds to the cell `c`.
    static let migrationAdds = 1_000

    /// - Parameter version: from 0. Of two that follow each other the first raises the version, the second does not.
    static func text(version: Int) -> String {
        "-- \(version)\n"
            + text.replacing("version = 1", with: "version = \(version / 2 + 1)")
            .replacing("migrate_adds", with: String(migrationAdds))
    }

    private static let text = """
        local t = require "hearth.types"
        local row = t.object { v = t.integer() }
        local steps = {
          add = function(cells, ctx, cell, k) cells[cell] = cells[cell] + k end,
          copy = function(cells, ctx, to, from) cells[to] = cells[from] end,
          increment = function(cells, ctx, cell, k) cells[cell]:increment(k) end,
          set = function(cells, ctx, cell, k) cells[cell] = k end,
          if_above = function(cells, ctx, cell, k) return not (cells[cell] > k) end,
          push = function(cells, ctx, k) cells.rows:push { v = k } end,
          push_length = function(cells) cells.rows:push { v = #cells.rows } end,
          insert = function(cells, ctx, i, k) if i <= #cells.rows + 1 then cells.rows:insert(i, { v = k }) end end,
          remove = function(cells, ctx, i) if cells.rows[i] then cells.rows:remove(i) end end,
          add_to_row = function(cells, ctx, i, k)
            local found = cells.rows[i]
            if found then found.v = found.v + k end
          end,
          link_row = function(cells, ctx, i) if cells.rows[i] then cells.link = cells.rows[i] end end,
          link_cell = function(cells, ctx, cell) cells.link = cells[cell] end,
          add_through_link = function(cells, ctx, k)
            local found = cells.link
            if found then found.v = found.v + k end
          end,
          set_key = function(cells, ctx, key, k) cells.map[key] = k end,
          remove_key = function(cells, ctx, key) cells.map[key] = nil end,
          count_keys = function(cells)
            local count = 0
            for _ in pairs(cells.map) do count = count + 1 end
            cells.a = count
          end,
          sleep = function(cells, ctx, ms) ctx.sleep(ms) end,
          ask = function(cells, ctx, who, cell)
            cells.a = cells.a + (ctx.ask(who, "n", cells[cell], { timeout = 3 }) or 100)
          end,
          fail = function(cells, ctx) ctx.fail("on_purpose", "on purpose") end,
        }
        return recipe {
          name = "model", version = 1,
          cells = {
            a = t.integer(), b = t.integer(), c = t.integer(),
            latest = t.integer() :merge "last-write",
            most = t.integer() :merge "max",
            sum = t.integer() :merge(function(base, mine, theirs) return mine + theirs - base end),
            rows = t.list(row), link = t.any(), map = t.map(t.integer()),
            one = row, two = row,
          },
          derived = {
            total = function(cells) return cells.a + cells.b + cells.c end,
            count = t.count("rows"), recent = t.last("rows", 2), rowsum = t.sum("rows", "v"),
          },
          on = { migrate = function(cells) cells.c = cells.c + migrate_adds end },
          handlers = {
            run = { max_runs = 50, run = function(cells, data, ctx)
              local skip = false
              for _, words in ipairs(data.steps) do
                if skip then skip = false else
                  skip = steps[words[1]](cells, ctx, words[2], words[3])
                end
              end
              return cells.a
            end },
          },
        }
        """
}
