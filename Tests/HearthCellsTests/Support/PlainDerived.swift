import HearthCells
import HearthValues

/// Derived cells over the room of `RandomWrites`, and the same computed from nothing in the plainest way.
enum PlainDerived {
    static let items = Path(cell: "items")

    static func score(_ reader: inout DerivedReader, _ place: Path, _ element: Value) -> Value {
        reader.value(place.appending("who").appending("score")) ?? .null
    }

    static var definitions: [DerivedDefinition] {
        let rules: [(String, DerivedRule)] = [
            ("a_twice", .computed { reader in .int((reader.value(Path(cell: "length"))?.int ?? 0) * 2) }),
            ("length", .count(items, nil)),
            ("recent", .last(items, 3)),
            ("none", .last(items, 0)),
            ("on_count", .count(items, .field("on"))),
            ("on", .filtered(items, .field("on"))),
            ("on_length", .count(Path(cell: "on"), nil)),
            ("by_key", .mapOf(items, key: .field("k"), value: nil)),
            ("value_by_key", .mapOf(items, key: .field("k"), value: .field("v"))),
            ("total", .sum(items, .field("v"))),
            ("scores", .sum(items, .function(score))),
            ("grouped", .groupBy(items, .field("k"))),
            ("ranking", .sortBy(items, .field("v"))),
            ("best", .last(Path(cell: "ranking"), 2)),
            (
                "z_names",
                .computed { reader in
                    let names = RandomWrites.users.map { reader.value(Path(cell: $0).appending("name")) ?? .null }
                    return .list(List(names))
                }
            ),
            (
                "mixed",
                .computed { reader in
                    // What is read depends on what was read.
                    if reader.length(items) ?? 0 > 3 { return reader.value(Path(cell: "total")) ?? .null }
                    return reader.value(Path(cell: "z_names")) ?? .null
                }
            ),
        ]
        return rules.map { DerivedDefinition(name: $0.0, rule: $0.1) }
    }

    /// Those that only count or show the end of a stored list; a graph of nothing else takes a shorter way.
    static var tails: [DerivedDefinition] { definitions.filter { ["length", "recent", "none"].contains($0.name) } }

    static func values(_ state: CellState) -> Object {
        let list = state.cells["items"]?.list ?? List()
        func field(_ index: Int, _ name: String) -> Value {
            state.resolve(items.appending(index).appending(name)).value ?? .null
        }
        func isTrue(_ value: Value) -> Bool { value != .null && value != .bool(false) }
        let on = list.indices.filter { isTrue(field($0, "on")) }.map { list[$0] }
        var (byKey, valueByKey, grouped) = (Object(), Object(), Object())
        for index in list.indices {
            guard let key = key(field(index, "k")) else { continue }
            byKey[key] = list[index]
            valueByKey[key] = field(index, "v")
            grouped[key] = .list(List((grouped[key]?.list ?? List()) + [list[index]]))
        }
        let ranking = list.indices.sorted {
            let order = order(field($0, "v"), field($1, "v"))
            return order == 0 ? $0 < $1 : order < 0
        }.map { list[$0] }
        let total = sum(list.indices.map { field($0, "v") })
        let names = RandomWrites.users.map { state.resolve(Path(cell: $0).appending("name")).value ?? .null }
        var values: Object = [
            "length": .int(Int64(list.count)), "a_twice": .int(Int64(list.count * 2)),
            "recent": .list(List(list.suffix(3))), "none": [], "on": .list(List(on)),
            "on_count": .int(Int64(on.count)), "on_length": .int(Int64(on.count)),
            "by_key": .object(byKey), "value_by_key": .object(valueByKey), "grouped": .object(grouped),
            "total": total, "ranking": .list(List(ranking)), "best": .list(List(ranking.suffix(2))),
            "z_names": .list(List(names)),
        ]
        values["scores"] = sum(
            list.indices.map { state.resolve(items.appending($0).appending("who").appending("score")).value ?? .null })
        let reached = state.resolve(items).value
        let length = reached?.list?.count ?? reached?.object?.count ?? 0
        values["mixed"] = length > 3 ? total : .list(List(names))
        return values
    }

    private static func key(_ value: Value) -> String? {
        switch value {
        case .string(let key): key
        case .int, .double, .bool: JSON.text(value)
        default: nil
        }
    }

    private static func order(_ left: Value, _ right: Value) -> Int {
        func rank(_ value: Value) -> (Int, Double, String) {
            switch value {
            case .null: (0, 0, "")
            case .bool(let value): (1, value ? 1 : 0, "")
            case .int(let value): (2, Double(value), "")
            case .double(let value): (2, value, "")
            case .string(let value): (3, 0, value)
            default: (4, 0, "")
            }
        }
        return rank(left) < rank(right) ? -1 : rank(right) < rank(left) ? 1 : 0
    }

    /// In exact integer quarters where the numbers are small, and of the huge ones by cancelling first.
    private static func sum(_ values: [Value]) -> Value {
        var quarters: Int64 = 0
        var huge: [Double] = []
        var isDouble = false
        for value in values {
            switch value {
            case .int(let value): quarters += value * 4
            case .double(let value):
                isDouble = true
                if abs(value) > 1e100 { huge.append(value) } else { quarters += Int64(value * 4) }
            default: break
            }
        }
        let balance = huge.filter { $0 > 0 }.count - huge.filter { $0 < 0 }.count
        if !isDouble { return .int(quarters / 4) }
        if balance == 0, huge.allSatisfy({ abs($0) == 1e300 }) { return .double(Double(quarters) / 4) }
        return .string("beyond the model")
    }
}
