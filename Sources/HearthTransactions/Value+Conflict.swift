import HearthCells
import HearthValues

extension Value {
    /// What a read with this aspect saw.
    func aspect(_ aspect: ReadAspect) -> Value {
        switch (aspect, self) {
        case (.value, _): self
        case (.existence, _): .bool(true)
        case (.length, .list(let list)): .int(Int64(list.count))
        case (.length, .object(let object)): .int(Int64(object.count))
        case (.keys, .object(let object)): .list(List(object.keys.map { Value.string($0) }))
        case (.length, _), (.keys, _): self
        }
    }

    /// The larger of two numbers; in objects key by key. What only one side changed is that side's; nil when the two
    /// cannot be compared.
    static func larger(base: Value?, mine: Value, theirs: Value) -> Value? {
        if mine == theirs || mine == base { return theirs }
        if let left = mine.number, let right = theirs.number {
            if case .int(let left) = mine, case .int(let right) = theirs { return left > right ? mine : theirs }
            return left > right ? mine : theirs
        }
        if theirs == base { return mine }
        guard case .object(let left) = mine, case .object(let right) = theirs else { return nil }
        var merged = right
        let before = base?.object
        for (key, value) in left {
            guard let other = right[key] else {
                // They removed it, or I added it.
                if before?[key] != value { merged[key] = value }
                continue
            }
            guard let larger = larger(base: before?[key], mine: value, theirs: other) else { return nil }
            merged[key] = larger
        }
        for (key, value) in right where left[key] == nil && before?[key] == value { merged[key] = nil }
        return .object(merged)
    }

    fileprivate var number: Double? {
        switch self {
        case .int(let value): Double(value)
        case .double(let value): value
        default: nil
        }
    }
}

extension ReadAspect {
    /// What a read with this aspect sees where nothing is.
    var ofNothing: Value? { self == .existence ? .bool(false) : nil }
}
