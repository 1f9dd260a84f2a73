import Foundation
import HearthValues
import Testing

/// The seed of a random test: printed, so that a failure can be had again with `HEARTH_SEED=… swift test`.
struct Seed: Sendable, CustomStringConvertible {
    let value: UInt64

    var description: String { "HEARTH_SEED=\(value)" }

    var random: SeededRandom { SeededRandom(seed: value) }

    /// The seed from the environment, or `count` new ones.
    static func some(_ count: Int) -> [Seed] {
        if let given = ProcessInfo.processInfo.environment["HEARTH_SEED"].flatMap({ UInt64($0) }) {
            return [Seed(value: given)]
        }
        return (0..<count).map { _ in
            let seed = Seed(value: UInt64.random(in: 0...UInt64.max))
            print(seed)
            return seed
        }
    }
}
