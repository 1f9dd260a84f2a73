import HearthValues

extension SeededRandom {
    /// A value of any kind, at most `depth` lists and objects deep.
    mutating func value(depth: Int = 4) -> Value {
        switch next(below: depth > 0 ? 10 : 7) {
        case 0: .null
        case 1: .bool(next(below: 2) == 0)
        case 2: .int(Int64(next(below: 5)))
        case 3: .int(Int64(bitPattern: next()))
        case 4: .double(double())
        case 5: .string(text())
        case 6: .link(Link(cell: "cell", pointer: Pointer(tokens: [key()])))
        case 7, 8: .object(object(depth: depth - 1))
        default: .list(list(depth: depth - 1))
        }
    }

    mutating func list(depth: Int) -> List { List((0..<next(below: 7)).map { _ in value(depth: depth) }) }

    mutating func object(depth: Int) -> Object {
        var object = Object()
        for _ in 0..<next(below: 7) { object[key()] = value(depth: depth) }
        return object
    }

    /// Few keys, so that two objects share some; some that need escapes and some that differ in bytes only.
    mutating func key() -> String {
        let keys = ["a", "b", "c", "d", "", "~", "/", "~1", "é", "e\u{301}", "0", "-", "😀", "\"\\\n", "a long key"]
        return keys[next(below: keys.count)]
    }

    mutating func text() -> String {
        let scalars: [Unicode.Scalar] = [
            "a", "b", " ", "\"", "\\", "\n", "\u{0}", "\u{1f}", "\u{7f}", "é", "\u{301}", "€", "😀",
        ]
        let length = next(below: 4) == 0 ? 40 : 9
        var text = ""
        for _ in 0..<next(below: length) { text.unicodeScalars.append(scalars[next(below: scalars.count)]) }
        return text
    }

    mutating func double() -> Double {
        switch next(below: 4) {
        case 0: return Double(next(below: 10))
        case 1: return -0.0
        case 2: return Double(next(below: 100_000)) / 1000
        default:
            let double = Double(bitPattern: next())
            return double.isFinite ? double : 0.5
        }
    }
}
