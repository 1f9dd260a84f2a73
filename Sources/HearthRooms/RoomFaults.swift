import HearthValues

/// What goes wrong on purpose in a room, for people who test their recipes and clients.
///
/// As text: settings with commas between, such as `seed=7,conflict=0.5,conflict:send=3,discard=0.2,drop=0.01,delay=50,
/// refuse=100`.
package struct RoomFaults: Sendable, Hashable {
    /// The same seed and the same inputs give the same faults.
    package var seed: UInt64 = 1
    /// `conflict=P`: how likely a commit of a handler meets a conflict, 0 to 1. Events that run alone meet none, so
    /// every event ends.
    package var conflict = 0.0
    /// `conflict:HANDLER=N`: the next N commits of a handler meet one.
    package var conflictsOf: [String: Int] = [:]
    /// `discard=P`: how likely the Lua VM is thrown away before a run, 0 to 1.
    package var discard = 0.0
    /// `drop=P`: how likely one socket is cut, without a close frame, after each event, 0 to 1.
    package var drop = 0.0
    /// `delay=MS`: how long commits are held back after they are on disk, in milliseconds, at most a minute.
    package var delayMs: Int64 = 0
    /// `refuse=N`: of every N writes one is refused as if the disk were full, N from 2; 0: none.
    package var refuse = 0

    package init() {}

    /// - Throws: ``RoomFaultsError`` naming the setting that cannot be read and what would be right.
    package init(_ text: String) throws(RoomFaultsError) {
        for part in text.split(separator: ",", omittingEmptySubsequences: true) {
            let setting = part.filter { $0 != " " }
            guard let equals = setting.firstIndex(of: "=") else { throw RoomFaultsError(setting, Self.usage) }
            try set(String(setting[..<equals]), to: String(setting[setting.index(after: equals)...]))
        }
    }

    private mutating func set(_ name: String, to text: String) throws(RoomFaultsError) {
        switch name {
        case "seed": seed = try Self.number(name, text, "a whole number from 0") { UInt64($0) }
        case "conflict": conflict = try Self.rate(name, text)
        case "discard": discard = try Self.rate(name, text)
        case "drop": drop = try Self.rate(name, text)
        case "delay":
            delayMs = try Self.number(name, text, "milliseconds from 0 to 60000") {
                Int64($0).flatMap { 0...60_000 ~= $0 ? $0 : nil }
            }
        case "refuse":
            refuse = try Self.number(name, text, "a whole number from 2") {
                UInt16($0).flatMap { $0 > 1 ? Int($0) : nil }
            }
        case _ where name.hasPrefix("conflict:") && name.count > 9:
            conflictsOf[String(name.dropFirst(9))] = try Self.number(name, text, "a whole number from 0") {
                UInt16($0).map(Int.init)
            }
        default: throw RoomFaultsError("\(name)=\(text)", Self.usage)
        }
    }

    private static let usage =
        "settings are seed=N, conflict=P, conflict:HANDLER=N, discard=P, drop=P, delay=MS and refuse=N"

    private static func rate(_ name: String, _ text: String) throws(RoomFaultsError) -> Double {
        try number(name, text, "a share from 0 to 1") { Double($0).flatMap { 0...1 ~= $0 ? $0 : nil } }
    }

    private static func number<Number>(
        _ name: String, _ text: String, _ wanted: String, _ read: (String) -> Number?
    ) throws(RoomFaultsError) -> Number {
        guard let number = read(text) else { throw RoomFaultsError("\(name)=\(text)", "\(name) takes \(wanted)") }
        return number
    }
}

package struct RoomFaultsError: Error, Sendable, Hashable, CustomStringConvertible {
    package var setting: String
    package var advice: String

    init(_ setting: some StringProtocol, _ advice: String) {
        self.setting = String(setting)
        self.advice = advice
    }

    package var description: String { "`\(setting)` is no fault: \(advice)." }
}

/// Carries a plan out: draws, and counts what is left of it.
struct FaultInjector {
    private(set) var plan: RoomFaults
    private var random: SeededRandom
    /// Of the present N writes, how many are left, and how many are left when one is refused.
    private var writes = (left: 0, refused: 0)

    init(_ plan: RoomFaults) {
        self.plan = plan
        random = SeededRandom(seed: plan.seed)
    }

    private mutating func draw(_ rate: Double) -> Bool {
        rate > 0 && Double(random.next() >> 11) * 0x1p-53 < rate
    }

    mutating func conflicts(_ handler: String) -> Bool {
        if let left = plan.conflictsOf[handler], left > 0 {
            plan.conflictsOf[handler] = left - 1
            return true
        }
        return draw(plan.conflict)
    }

    mutating func discards() -> Bool { draw(plan.discard) }

    /// The place, among `count` sockets, of the one that is cut now.
    mutating func dropped(of count: Int) -> Int? {
        count > 0 && draw(plan.drop) ? random.next(below: count) : nil
    }

    mutating func refusesWrite() -> Bool {
        guard plan.refuse > 0 else { return false }
        // Which of them is drawn: each refusal makes a write of its own, so that a client that tries again could meet
        // every N-th write for ever.
        if writes.left == 0 { writes = (plan.refuse, random.next(below: plan.refuse)) }
        writes.left -= 1
        return writes.left == writes.refused
    }

    /// More conflicts for the next commits of a handler.
    mutating func add(conflicts count: Int, of handler: String) {
        plan.conflictsOf[handler, default: 0] += count
    }
}
