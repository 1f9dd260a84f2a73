import ArgumentParser
import HearthIsolation

@main
struct HearthBench: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "hearth-bench", abstract: "Measures Hearth against plain baselines. See Docs/performance.md.",
        subcommands: [Measure.self, Broadcast.self], defaultSubcommand: Measure.self)

    static func main() {
        let given = Array(CommandLine.arguments.dropFirst())
        if given.first == WorkerCommand.name { WorkerProcess.run(Array(given.dropFirst())) }
        main(given)
    }
}

/// Everything that needs no sockets.
struct Measure: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Run the benchmarks and print ratios to their baselines.")

    @Argument(help: "Only benchmarks whose name is one of these, or contains what is no name.")
    var names: [String] = []

    @Option(name: .long, help: "How often each is measured: the median counts, the mean stands beside it (in all).")
    var rounds = 15

    @Option(
        name: .long,
        help:
            "How often all rounds are run, each time in a new process: of each round the median counts. No memory or disk."
    )
    var passes = 1

    @Flag(name: .long, help: "Print the times of every round, as JSON.")
    var raw = false

    @Flag(name: .long, help: "Print the names and end.")
    var list = false

    func validate() throws {
        guard rounds > 0, passes > 0 else {
            throw ValidationError("There is nothing to measure in no rounds or passes.")
        }
        guard !raw || passes == 1 else {
            throw ValidationError("--raw prints the rounds of one pass: leave out --passes.")
        }
        guard list || all.contains(where: isWanted) else {
            throw ValidationError("There is no benchmark of that name; --list prints those there are.")
        }
        guard !raw && passes == 1 || groups.contains(where: { $0.names.contains(where: isWanted) }) else {
            throw ValidationError("Memory and disk are measured once: leave out --passes and --raw.")
        }
    }

    func run() throws {
        if list {
            for name in all { print(name) }
            return
        }
        if raw { return try measure { print(try $0.line) } }
        // First, while the heap is small: freed memory that is used again would not be seen.
        if passes == 1 { try MemoryBenchmarks.run(where: isWanted) }
        print(row("benchmark", "per", "ours", "in all", "baseline", "ratio", "against"))
        if passes == 1 {
            try measure { print(row($0)) }
        } else {
            for measured in try Passes.run(passes, of: names, rounds: rounds) { print(row(measured)) }
        }
    }

    private func measure(_ report: (Measurement) throws -> Void) throws {
        for group in groups where group.names.contains(where: isWanted) {
            for benchmark in try group.make() where isWanted(benchmark.name) {
                try report(try benchmark.measure(rounds: rounds))
            }
        }
    }

    private var groups: [BenchmarkGroup] { ValueBenchmarks.groups + RoomBenchmarks.groups + SpecBenchmarks.groups }

    private func isWanted(_ name: String) -> Bool {
        names.isEmpty || names.contains { name == $0 || !all.contains($0) && name.contains($0) }
    }

    private var all: [String] { groups.flatMap(\.names) + MemoryBenchmarks.names }

    private func row(_ measured: Measurement) -> String {
        row(
            measured.name, measured.unit, time(median(measured.work)), time(mean(measured.work)),
            time(median(measured.baseline)), "x" + rounded(measured.ratio), measured.against)
    }

    private func row(_ columns: String...) -> String {
        zip(columns, [26, 8, 11, 11, 11, 9, 0]).map { text, width in
            text + String(repeating: " ", count: max(0, width - text.count))
        }.joined(separator: " ")
    }

    private func time(_ nanoseconds: Double) -> String {
        switch nanoseconds {
        case ..<1_000: rounded(nanoseconds) + " ns"
        case ..<1_000_000: rounded(nanoseconds / 1_000) + " µs"
        default: rounded(nanoseconds / 1_000_000) + " ms"
        }
    }

    /// Three significant digits.
    private func rounded(_ number: Double) -> String {
        let places: Double = number < 0.01 ? 100_000 : number < 1 ? 1_000 : number < 10 ? 100 : number < 100 ? 10 : 1
        let text = String((number * places).rounded() / places)
        return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
    }
}
