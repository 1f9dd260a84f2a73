import Foundation

/// The same rounds in several processes, one after the other.
///
/// What a neighbour of the machine does for a while hits other rounds in each of them; what a round itself has to do, such as a
/// snapshot, is in all.
enum Passes {
    /// - Returns: of each round the median of the passes.
    static func run(_ passes: Int, of names: [String], rounds: Int) throws -> [Measurement] {
        let all = try (1...passes).map { try run($0, names, rounds: rounds) }
        return (all.first ?? []).indices.map { place in
            var measured = all[0][place]
            measured.work = medians(of: all.map { $0[place].work })
            measured.baseline = medians(of: all.map { $0[place].baseline })
            return measured
        }
    }

    private static func run(_ pass: Int, _ names: [String], rounds: Int) throws -> [Measurement] {
        let process = Process()
        let output = Pipe()
        process.executableURL = Bundle.main.executableURL
        process.arguments = ["measure", "--raw", "--rounds", String(rounds), "--"] + names
        process.standardOutput = output
        try process.run()
        let lines = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            let how = process.terminationReason == .exit ? "with status" : "by signal"
            throw PassFailure(description: "pass \(pass) ended \(how) \(process.terminationStatus)")
        }
        return try lines.split(separator: UInt8(ascii: "\n")).map {
            try JSONDecoder().decode(Measurement.self, from: $0)
        }
    }

    private static func medians(of passes: [[Double]]) -> [Double] {
        (passes.first ?? []).indices.map { round in median(passes.map { $0[round] }) }
    }
}

extension Measurement {
    /// As one line of JSON.
    var line: String { get throws { String(decoding: try JSONEncoder().encode(self), as: UTF8.self) } }
}

/// A pass that did not come to its end.
struct PassFailure: Error, CustomStringConvertible {
    let description: String
}
