import HearthLua

/// What a recipe's code may use. A limit that is crossed ends the run with `budget_exceeded` and costs nobody else
/// anything. 0 means without limit. ``all`` lists them with their names and units.
package struct RecipeLimits: Sendable, Hashable {
    /// Lua instructions of one event: its `allow`, handler and watches, and the derived cells that they read.
    package var instructions = 10_000_000
    /// Wall time of one event.
    package var milliseconds = 250
    /// Lua heap of the VM, which all rooms of the recipe share.
    package var memoryBytes = 32 << 20
    /// What one event may add to it.
    package var eventMemoryBytes = 16 << 20
    /// Bytes that one event hands over: writes, effects, its result.
    package var outputBytes = 8 << 20
    /// The longest string.
    package var stringBytes = 4 << 20
    /// Steps of pattern matching of one event.
    package var patternSteps = 5_000_000
    /// Coroutines of one event that have begun and not finished.
    package var coroutines = 1_000
    /// How deep coroutines may resume each other.
    package var coroutineDepth = 32
    /// Writes of one event.
    package var writesMax = 20_000
    /// Cells and parts of cells that one event comes across as objects or lists.
    package var proxiesMax = 250_000
    /// `ctx.signal`, `ctx.broadcast`, `ctx.reply` and `ctx.send` of one event.
    package var signalsMax = 1_000
    /// `ctx.after` and `ctx.cancel` of one event.
    package var timersMax = 1_000
    /// Lines that one event logs.
    package var logLinesMax = 1_000
    /// Bytes of those lines.
    package var logBytesMax = 64 << 10
    /// Waits (`ctx.sleep`, `ctx.ask`) of one event.
    package var waitsMax = 100
    /// The longest that one wait may take, in milliseconds.
    package var waitMsMax = 600_000
    /// Source files of the recipe, together.
    package var sourceBytes = 512 << 10
    /// Lua instructions of loading the recipe.
    package var loadInstructions = 20_000_000
    /// Wall time of loading the recipe.
    package var loadMilliseconds = 2_000

    /// Lua instructions of all derived functions of a room that are called between two events.
    package var derivedInstructions = 50_000_000

    package init() {}

    var lua: LuaLimits {
        LuaLimits(
            memoryBytes: memoryBytes, sourceBytes: sourceBytes,
            load: LuaBudget(
                instructions: UInt64(loadInstructions), milliseconds: UInt64(loadMilliseconds),
                memoryBytes: UInt64(memoryBytes), stringBytes: 0))
    }

    /// Of one event, or of one call for a derived cell that is brought up to date between events.
    var event: LuaBudget {
        LuaBudget(
            instructions: UInt64(instructions), milliseconds: UInt64(milliseconds), outputBytes: UInt64(outputBytes),
            memoryBytes: UInt64(eventMemoryBytes), stringBytes: UInt64(stringBytes), coroutines: UInt64(coroutines),
            coroutineDepth: UInt64(coroutineDepth), patternSteps: UInt64(patternSteps))
    }
}

/// A limit as people write it: drives `limits = {…}` of recipes, the documents, and the details of errors.
package struct RecipeLimit: Sendable {
    package enum Scope: String, Sendable {
        case event, recipe
    }

    /// In a recipe's `limits` and in the documents.
    package let name: String
    /// `details.kind` of the error when it is crossed; empty: crossing it is another error.
    package let kind: String
    package let unit: String
    package let scope: Scope
    let path: any WritableKeyPath<RecipeLimits, Int> & Sendable

    init(
        _ name: String, _ kind: String, _ unit: String, _ scope: Scope,
        _ path: any WritableKeyPath<RecipeLimits, Int> & Sendable
    ) {
        self.name = name
        self.kind = kind
        self.unit = unit
        self.scope = scope
        self.path = path
    }

    /// 0 is without limit where a run has it; a VM has to fit somewhere, and sources have to load.
    package var least: Int { scope == .event ? 0 : name == "memory_bytes" ? 1 << 20 : 1 }

    package func value(in limits: RecipeLimits) -> Int { limits[keyPath: path] }
    package func set(_ value: Int, in limits: inout RecipeLimits) { limits[keyPath: path] = value }
}

extension RecipeLimits {
    package static let all: [RecipeLimit] = [
        .init("instructions", "instructions", "instructions", .event, \.instructions),
        .init("milliseconds", "time", "ms", .event, \.milliseconds),
        .init("memory_bytes", "memory", "bytes", .recipe, \.memoryBytes),
        .init("event_memory_bytes", "event_memory", "bytes", .event, \.eventMemoryBytes),
        .init("output_bytes", "output", "bytes", .event, \.outputBytes),
        .init("string_bytes", "string_bytes", "bytes", .event, \.stringBytes),
        .init("pattern_steps", "pattern_steps", "steps", .event, \.patternSteps),
        .init("coroutines", "coroutines", "coroutines", .event, \.coroutines),
        .init("coroutine_depth", "coroutine_depth", "levels", .event, \.coroutineDepth),
        .init("writes_max", "writes", "writes", .event, \.writesMax),
        .init("proxies_max", "proxies", "cells and parts", .event, \.proxiesMax),
        .init("signals_max", "signals", "effects", .event, \.signalsMax),
        .init("timers_max", "timers", "timers", .event, \.timersMax),
        .init("log_lines_max", "log_lines", "lines", .event, \.logLinesMax),
        .init("log_bytes_max", "log_bytes", "bytes", .event, \.logBytesMax),
        .init("waits_max", "waits", "waits", .event, \.waitsMax),
        .init("wait_ms_max", "", "ms", .event, \.waitMsMax),
        .init("derived_instructions", "", "instructions", .recipe, \.derivedInstructions),
        .init("source_bytes", "", "bytes", .recipe, \.sourceBytes),
        .init("load_instructions", "", "instructions", .recipe, \.loadInstructions),
        .init("load_milliseconds", "", "ms", .recipe, \.loadMilliseconds),
    ]

    /// The limit whose crossing is told as `kind`; 0 when there is none.
    func value(ofKind kind: String) -> Int64 {
        if kind == LuaLimit.tableFields.rawValue { return Int64(LuaLimit.tableFieldsMax) }
        return Self.all.first { $0.kind == kind }.map { Int64(self[keyPath: $0.path]) } ?? 0
    }
}
