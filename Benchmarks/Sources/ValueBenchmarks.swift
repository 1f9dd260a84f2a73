import HearthValues

/// Lists and JSON, without rooms.
enum ValueBenchmarks {
    static var groups: [BenchmarkGroup] {
        let sizes = [(100, "100"), (10_000, "10k"), (1_000_000, "1M")]
        return sizes.map { size, label in
            BenchmarkGroup(names: ["push \(label)", "snapshot and push \(label)"]) {
                [push(size, label), snapshotPush(size, label)]
            }
        } + [BenchmarkGroup(names: ["json parse 1k messages", "json write 1k messages"]) { [parse, write] }]
    }

    private static let pushes = 1_000

    /// A push on a list that nobody else holds.
    private static func push(_ size: Int, _ label: String) -> Benchmark {
        var list = List((0..<size).map { Value.int(Int64($0)) })
        var array = (0..<size).map { Value.int(Int64($0)) }
        return Benchmark(
            name: "push \(label)", operations: pushes, unit: "push", against: "Array.append",
            work: { for number in 0..<pushes { list.append(.int(Int64(number))) } },
            baseline: { for number in 0..<pushes { array.append(.int(Int64(number))) } })
    }

    /// A push on a list of which a snapshot was taken just before, as every transaction does. An array copies itself
    /// for that, whole.
    private static func snapshotPush(_ size: Int, _ label: String) -> Benchmark {
        let list = List((0..<size).map { Value.int(Int64($0)) })
        let array = (0..<size).map { Value.int(Int64($0)) }
        let few = 20
        return Benchmark(
            name: "snapshot and push \(label)", operations: few, unit: "push", against: "copy and Array.append",
            work: {
                for number in 0..<few {
                    var copy = list
                    copy.append(.int(Int64(number)))
                    keep(copy)
                }
            },
            baseline: {
                for number in 0..<few {
                    var copy = array
                    copy.append(.int(Int64(number)))
                    keep(copy)
                }
            })
    }

    /// A thousand messages of a chat.
    static let history: Value = .list(
        List(
            (0..<1_000).map { number in
                .object([
                    "at": .int(1_700_000_000_000 + Int64(number)), "author": .object(["$ref": .string("user@abc#")]),
                    "text": .string("Message number \(number), of the usual length, with a \"quote\" and an é."),
                ])
            }))

    private static var parse: Benchmark {
        let text = JSON.bytes(history)
        return Benchmark(
            name: "json parse 1k messages", operations: text.count, unit: "byte", against: "copying the bytes",
            work: { keep(try JSON.parse(text)) },
            baseline: { keep(copy(text)) })
    }

    private static var write: Benchmark {
        let text = JSON.bytes(history)
        var sink = ByteSink(keepsKeys: true)
        return Benchmark(
            name: "json write 1k messages", operations: text.count, unit: "byte", against: "copying the bytes",
            work: {
                sink.clear(keepingCapacity: true)
                JSON.write(history, into: &sink)
                keep(sink.bytes.count)
            },
            baseline: { keep(copy(text)) })
    }

    @inline(never)
    private static func copy(_ bytes: [UInt8]) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: bytes.count) { buffer, count in
            count = buffer.initialize(fromContentsOf: bytes)
        }
    }
}
