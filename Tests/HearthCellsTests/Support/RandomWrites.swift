import HearthCells
import HearthValues

/// Random writes on a small room, most of which fit.
struct RandomWrites {
    var random: SeededRandom

    static let users = ["user@1", "user@2", "user@3"]

    static let start: Object = [
        "numbers": [1, 2, 3],
        "items": [],
        "board": ["title": "t", "lanes": [["cards": [1]], ["cards": []]]],
        "user@1": ["name": "Ann", "score": 1],
        "user@2": ["name": "Bob", "score": 2],
    ]

    mutating func pick<T>(_ choices: [T]) -> T { choices[Int.random(in: 0..<choices.count, using: &random)] }

    mutating func chance(_ percent: Int) -> Bool { Int.random(in: 0..<100, using: &random) < percent }

    mutating func number() -> Value {
        chance(80) ? .int(Int64.random(in: -9...9, using: &random)) : .double(pick([0.5, -1.25, 2, 1e300, -1e300]))
    }

    /// A place that exists, found by a random walk.
    mutating func place(in state: CellState) -> Path {
        let cell = pick(Array(state.cells.keys) + ["items", "items"])
        var path = Path(cell: cell)
        var value = state.cells[cell]
        while let here = value, chance(70) {
            let step: Step
            switch here {
            case .list(let list) where !list.isEmpty: step = .index(Int.random(in: 0..<list.count, using: &random))
            case .object(let object) where !object.isEmpty: step = .key(pick(Array(object.keys)))
            default: return path
            }
            path = path.appending(step)
            value = here.child(at: step)
        }
        return path
    }

    mutating func item(in state: CellState) -> Value {
        var item: Object = ["k": pick([.string("a"), .string("b"), .int(1), .null]), "v": number()]
        if chance(70) { item["who"] = .link(Link(cell: pick(Self.users), pointer: Pointer())) }
        if chance(30) { item["on"] = .bool(chance(70)) }
        if chance(20) { item["to"] = .link(place(in: state).link) }
        return .object(item)
    }

    mutating func value(in state: CellState, depth: Int = 0) -> Value {
        switch Int.random(in: 0..<(depth > 2 ? 5 : 9), using: &random) {
        case 0: return .null
        case 1: return .string(pick(["x", "y", "é"]))
        case 2: return .link(place(in: state).link)
        case 3, 4: return number()
        case 5: return item(in: state)
        case 6, 7:
            return .list(List((0..<pick([0, 1, 2, 3])).map { _ in value(in: state, depth: depth + 1) }))
        default:
            var object = Object()
            for key in ["a", "b", "0"] where chance(50) { object[key] = value(in: state, depth: depth + 1) }
            return .object(object)
        }
    }

    mutating func write(in state: CellState) -> Write {
        let items = Path(cell: "items")
        let count = state.cells["items"]?.list?.count ?? 0
        switch Int.random(in: 0..<100, using: &random) {
        case 0..<30: return .push(items, (0..<pick([1, 1, 1, 2, 5])).map { _ in item(in: state) })
        case 30..<36: return .insert(items, at: Int.random(in: 0...count, using: &random), item(in: state))
        case 36..<46 where count > 0: return .remove(items.appending(Int.random(in: 0..<count, using: &random)))
        case 46..<58 where count > 0:
            let index = Int.random(in: 0..<count, using: &random)
            let field = items.appending(index).appending(pick(["k", "v", "on"]))
            return .set(field, pick([number(), .string("a"), true, .null]))
        case 58..<66: return .increment(Path(cell: pick(Self.users)).appending("score"), number())
        case 66..<70:
            let user: Value = ["name": .string(pick(["Ann", "Bob"])), "score": number()]
            return .set(Path(cell: pick(Self.users)), user)
        case 70..<72: return .remove(Path(cell: pick(Self.users)))
        case 72..<74: return .set(items, .list([item(in: state), item(in: state)]))
        default: return anyWrite(in: state)
        }
    }

    mutating func anyWrite(in state: CellState) -> Write {
        let place = place(in: state)
        switch Int.random(in: 0..<8, using: &random) {
        case 0: return .remove(place)
        case 1: return .insert(place, at: pick([0, 0, 1, 2]), value(in: state))
        case 2, 3: return .push(place, [value(in: state), number()])
        case 4: return .increment(place, number())
        case 5: return .set(place.appending(pick(["a", "b"])), value(in: state))
        case 6: return .set(Path(cell: pick(["board", "numbers", "new.1", "new.2"])), value(in: state))
        default: return .set(place, value(in: state))
        }
    }
}
