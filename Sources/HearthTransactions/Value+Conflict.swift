import HearthCells
import HearthValues

extension Value {
    /// The value itself when it is small, else words that say what it is.
    ///
    /// - Complexity: O(1).
    var abridged: Value {
        switch self {
        case .string(let text) where text.utf8.count > Self.abridgedBytesMax:
            .string(String(text.prefix(Self.abridgedBytesMax / 8)) + "… (\(text.utf8.count) bytes)")
        case .list(let list) where !isSmall: .string("a list of \(list.count)")
        case .object(let object) where !isSmall: .string("an object of \(object.count)")
        default: self
        }
    }

    private static let abridgedBytesMax = 1_024
    private static let abridgedPartsMax = 64

    private var isSmall: Bool {
        var parts = Self.abridgedPartsMax
        var bytes = Self.abridgedBytesMax
        return takeParts(&parts, &bytes)
    }

    /// Counts what it is made of, until there is too much of it.
    private func takeParts(_ parts: inout Int, _ bytes: inout Int) -> Bool {
        parts -= 1
        switch self {
        case .string(let text): bytes -= text.utf8.count
        case .list(let list):
            guard list.count <= parts else { return false }
            for element in list { if !element.takeParts(&parts, &bytes) { return false } }
        case .object(let object):
            guard object.count <= parts else { return false }
            for (key, value) in object {
                bytes -= key.utf8.count
                if !value.takeParts(&parts, &bytes) { return false }
            }
        default: break
        }
        return parts >= 0 && bytes >= 0
    }

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
