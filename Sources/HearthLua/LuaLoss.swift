/// How the process that ran a VM came to its end.
package enum LuaLoss: Sendable, Hashable, CustomStringConvertible {
    /// A signal ended it: it crashed, crossed a limit of the system, or made a forbidden call.
    case signal(Int32)
    case exit(status: Int32)
    /// It did not answer in time and was killed.
    case hung(milliseconds: UInt64)
    /// It said what makes no sense and was killed.
    case malformed(String)
    /// It could not be started.
    case unstarted(String)

    /// One word, for counters.
    package var reason: String {
        switch self {
        case .signal: "signal"
        case .exit: "exit"
        case .hung: "hung"
        case .malformed: "malformed"
        case .unstarted: "unstarted"
        }
    }

    /// The number of the signal that ended it of itself.
    package var signal: Int32? {
        if case .signal(let number) = self { number } else { nil }
    }

    package var description: String {
        switch self {
        case .signal(let number): "the recipe's process was ended by signal \(number)"
        case .exit(let status): "the recipe's process ended with status \(status)"
        case .hung(let milliseconds): "the recipe's process did not answer within \(milliseconds) ms"
        case .malformed(let what): "the recipe's process broke its protocol: \(what)"
        case .unstarted(let why): "a process for the recipe could not be started: \(why)"
        }
    }
}
