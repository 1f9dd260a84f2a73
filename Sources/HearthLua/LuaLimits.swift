/// What a VM may hold for as long as it lives.
package struct LuaLimits: Sendable, Hashable {
    /// Bytes of the Lua heap, garbage included; crossing it ends the run and the VM. 0: without limit.
    package var memoryBytes: Int
    /// Bytes of all source files together. 0: without limit.
    package var sourceBytes: Int
    /// The budget of loading a recipe.
    package var load: LuaBudget

    package init(
        memoryBytes: Int = 64 << 20, sourceBytes: Int = 512 << 10,
        load: LuaBudget = .init(instructions: 20_000_000, milliseconds: 2_000)
    ) {
        self.memoryBytes = memoryBytes
        self.sourceBytes = sourceBytes
        self.load = load
    }
}

/// What one run may use. 0 means without limit.
package struct LuaBudget: Sendable, Hashable {
    /// Lua instructions, counted in steps of 1000. Loops inside library functions, steps of pattern matching, host calls
    /// and copied memory are charged as instructions.
    package var instructions: UInt64
    /// Time that the calling thread computes. What it is kept waiting for by others does not count, unless `countsWaiting`.
    package var milliseconds: UInt64
    /// Bytes handed to the host and returned.
    package var outputBytes: UInt64
    /// Bytes by which the Lua heap may grow, garbage that a collection would free not included.
    package var memoryBytes: UInt64
    /// Bytes of one string.
    package var stringBytes: UInt64
    /// Coroutines that were created and have not finished.
    package var coroutines: UInt64
    /// Coroutines within coroutines. Lua itself allows about 190.
    package var coroutineDepth: UInt64
    /// Steps of matching patterns; they count as instructions too.
    package var patternSteps: UInt64
    /// `milliseconds` is wall time.
    package var countsWaiting = false
    /// False: no hook is set and nothing is counted. To measure what that costs, and for nothing else.
    package var isMetered = true

    package init(
        instructions: UInt64 = 10_000_000, milliseconds: UInt64 = 250, outputBytes: UInt64 = 8 << 20,
        memoryBytes: UInt64 = 16 << 20, stringBytes: UInt64 = 4 << 20, coroutines: UInt64 = 1_000,
        coroutineDepth: UInt64 = 32, patternSteps: UInt64 = 5_000_000
    ) {
        self.instructions = instructions
        self.milliseconds = milliseconds
        self.outputBytes = outputBytes
        self.memoryBytes = memoryBytes
        self.stringBytes = stringBytes
        self.coroutines = coroutines
        self.coroutineDepth = coroutineDepth
        self.patternSteps = patternSteps
    }
}

extension LuaBudget {
    /// Neither a limit nor a meter.
    package static var unmetered: LuaBudget {
        var budget = LuaBudget(
            instructions: 0, milliseconds: 0, outputBytes: 0, memoryBytes: 0, stringBytes: 0, coroutines: 0,
            coroutineDepth: 0, patternSteps: 0)
        budget.isMetered = false
        return budget
    }
}

/// What a run is a function of, besides its arguments.
package struct LuaRun: Sendable, Hashable {
    /// `ctx.now`, `os.time` and `os.date`: milliseconds since 1970.
    package var now: Int64
    /// Seeds `math.random` and `ctx.random`.
    package var seed: UInt64

    package init(now: Int64, seed: UInt64) {
        self.now = now
        self.seed = seed
    }
}

/// One Lua file of a recipe; `path` is relative to the recipe's folder: `recipe.lua`, `lib/cards.lua`;
/// of a recipe in one file, that file's name.
package struct SourceFile: Sendable, Hashable {
    package var path: String
    package var text: String

    package init(path: String, text: String) {
        self.path = path
        self.text = text
    }

    /// The name under which `require` finds the file: `lib/cards.lua` is `lib.cards`.
    package var moduleName: String {
        let stem = path.hasSuffix(".lua") ? path.dropLast(4) : path[...]
        return String(stem.map { $0 == "/" ? "." : $0 })
    }

    /// The text of line `number`, counted from 1, without spaces around it.
    package func line(_ number: Int) -> String? {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        guard number > 0, number <= lines.count else { return nil }
        let line = lines[number - 1].drop { $0 == " " || $0 == "\t" }
        return String(line.reversed().drop { $0 == " " || $0 == "\t" || $0 == "\r" }.reversed())
    }
}
