import Foundation
import HearthCells
import HearthIsolation
import HearthLua
import HearthRecipes
import HearthValues
import HearthWorkers
import Testing

#if os(Linux)
    /// The process of a recipe was taken over and says whatever it likes: host operations with arguments that no bridge
    /// would send, results and errors out of nothing, bytes that are no message. The room must not mind.
    @Suite struct `A process that was taken over` {
        /// More with HEARTH_HOSTILE_SEEDS=FIRST-LAST.
        static let seeds: [Int] = {
            let given = ProcessInfo.processInfo.environment["HEARTH_HOSTILE_SEEDS"] ?? "1-24"
            let bounds = given.split(separator: "-").compactMap { Int($0) }
            return bounds.count == 2 && bounds[0] <= bounds[1] ? Array(bounds[0]...bounds[1]) : []
        }()

        @Test(arguments: seeds) func `harms nobody but its recipe`(seed: Int) throws {
            var limits = IsolationLimits()
            (limits.graceMs, limits.spares) = (100, 0)
            let pool = WorkerPool(
                command: TestWorkers.command("hostile-\(seed)"), limits: limits, luaMemoryBytes: 64 << 20)
            defer { pool.close() }
            var recipeLimits = RecipeLimits()
            recipeLimits.milliseconds = 100
            guard let room = try? Room.hostile(derives: seed % 3 == 0, recipeLimits, TestWorkers.isolation(pool)) else {
                // One that lies about its declaration may not get as far as a room.
                #expect(seed % 4 == 3)
                return
            }
            let ann = room.participants[0]
            for event in 0..<20 {
                let before = room.cells
                let failure = room.failure("attack", .object(["x": .int(Int64(event))]), by: ann)
                room.cells._checkInvariants()
                if let failure {
                    #expect(room.cells == before)
                    #expect(failure.message.utf8.count < 60_000 && !failure.code.isEmpty)
                }
            }
        }
    }

    extension Room {
        /// A room in which everything can be asked for that hosts answer.
        fileprivate static func hostile(derives: Bool, _ limits: RecipeLimits, _ isolation: RecipeIsolation) throws
            -> Room
        {
            let room = try Room(
                """
                local t = require "hearth.types"
                return recipe { name = "test",
                  cells = { n = t.integer { default = 7 }, list = t.list(t.any), o = t.open_object {},
                    user = t.object { name = t.string } :per "session", card = t.object { x = t.integer } :many(), any = t.any },
                  derived = { \(derives ? "count = function(cells) return #cells.list end" : "") },
                  watch = { n = function(cells) cells.list:push(cells.n) end },
                  handlers = { attack = { allow = function() return true end, run = function(cells) return #cells.list end } } }
                """, limits: limits, isolation: isolation)
            _ = try room.join("s1", name: "Ann")
            return room
        }
    }
#endif
