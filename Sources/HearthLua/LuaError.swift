internal import CLuaBridge

/// Why loading or running Lua code failed.
package struct LuaError: Error, Sendable, Hashable, CustomStringConvertible {
    package enum Kind: Sendable, Hashable {
        /// The source does not compile.
        case syntax
        /// An error was raised: by Lua, by the recipe, or by a host function.
        case runtime
        /// A failure with a code: `ctx.fail`, or the host's `.failure`.
        case failed(code: String)
        /// The host ended the run; `code` is the host's.
        case aborted(code: String)
        /// A limit was crossed. The VM is dead.
        case limit(LuaLimit)
        /// The VM crossed a limit in an earlier run and must be replaced.
        case dead
        /// The host could not read what the VM returned.
        case host
        /// The VM ran in a process of its own, which is gone. The VM is dead.
        case lost(LuaLoss)
    }

    package var kind: Kind
    /// What happened, without the position.
    package var message: String
    /// The recipe file at fault, when known.
    package var file: String?
    /// Its line, counted from 1.
    package var line: Int?
    /// The text of that line.
    package var sourceLine: String?
    /// The Lua stack when the error was raised; empty when unknown.
    package var traceback: String

    package init(
        _ kind: Kind, _ message: String, file: String? = nil, line: Int? = nil, sourceLine: String? = nil,
        traceback: String = ""
    ) {
        self.kind = kind
        self.message = message
        self.file = file
        self.line = line
        self.sourceLine = sourceLine
        self.traceback = traceback
    }

    /// `recipe.lua:12: message`, then the source line indented.
    package var description: String {
        var text = message
        if let file { text = line.map { "\(file):\($0): \(message)" } ?? "\(file): \(message)" }
        if let sourceLine { text += "\n    \(sourceLine)" }
        return text
    }
}

/// The budgets of a run.
package enum LuaLimit: String, Sendable, Hashable, CaseIterable {
    case instructions, memory, time, output, coroutines
    case eventMemory = "event_memory"
    case stringBytes = "string_bytes"
    case coroutineDepth = "coroutine_depth"
    case patternSteps = "pattern_steps"
    case tableFields = "table_fields"

    /// Fields of one table that are not items of a list, in a run that has a limit on its instructions. Fixed: more would let one
    /// instruction take seconds.
    package static let tableFieldsMax = 1 << 14

    init?(bridge number: Int32) {
        switch UInt32(bitPattern: number) {
        case BRIDGE_LIMIT_INSTRUCTIONS.rawValue: self = .instructions
        case BRIDGE_LIMIT_MEMORY.rawValue: self = .memory
        case BRIDGE_LIMIT_TIME.rawValue: self = .time
        case BRIDGE_LIMIT_OUTPUT.rawValue: self = .output
        case BRIDGE_LIMIT_EVENT_MEMORY.rawValue: self = .eventMemory
        case BRIDGE_LIMIT_STRING_BYTES.rawValue: self = .stringBytes
        case BRIDGE_LIMIT_COROUTINES.rawValue: self = .coroutines
        case BRIDGE_LIMIT_COROUTINE_DEPTH.rawValue: self = .coroutineDepth
        case BRIDGE_LIMIT_PATTERN_STEPS.rawValue: self = .patternSteps
        case BRIDGE_LIMIT_FIELDS.rawValue: self = .tableFields
        default: return nil
        }
    }
}
