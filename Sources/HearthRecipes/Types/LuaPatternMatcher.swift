/// Matches the items of a pattern against bytes, counting steps.
struct LuaPatternMatcher {
    private let items: [LuaPattern.Item]
    private let subject: UnsafeBufferPointer<UInt8>
    private var stepsLeft = LuaPattern.stepsMax

    init(items: [LuaPattern.Item], subject: UnsafeBufferPointer<UInt8>) {
        self.items = items
        self.subject = subject
    }

    var isExhausted: Bool { stepsLeft <= 0 }

    mutating func matches(at start: Int) -> Bool {
        matches(item: 0, at: start)
    }

    /// Recurses once per repetition item, so at most as deep as the pattern has items.
    private mutating func matches(item first: Int, at start: Int) -> Bool {
        var place = start
        for number in first..<items.count {
            stepsLeft -= 1
            if stepsLeft <= 0 { return false }
            switch items[number].kind {
            case .one(let set):
                guard place < subject.count, set.contains(subject[place]) else { return false }
                place += 1
            case .end:
                if place != subject.count { return false }
            case .frontier(let set):
                let before = place == 0 ? 0 : subject[place - 1]
                let after = place < subject.count ? subject[place] : 0
                if set.contains(before) || !set.contains(after) { return false }
            case .balanced(let opening, let closing):
                guard let after = balancedEnd(from: place, opening, closing) else { return false }
                place = after
            case .maybe(let set):
                if place < subject.count, set.contains(subject[place]), matches(item: number + 1, at: place + 1) {
                    return true
                }
            case .repeated(let set, let least, let isLazy):
                return matchesRepeated(set, least: least, isLazy: isLazy, then: number + 1, at: place)
            }
        }
        return true
    }

    private mutating func matchesRepeated(
        _ set: Set256, least: Int, isLazy: Bool, then next: Int, at start: Int
    ) -> Bool {
        var most = 0
        while start + most < subject.count, set.contains(subject[start + most]) { most += 1 }
        stepsLeft -= most
        if most < least { return false }
        var count = isLazy ? least : most
        while count >= least, count <= most {
            if matches(item: next, at: start + count) { return true }
            if stepsLeft <= 0 { return false }
            count += isLazy ? 1 : -1
        }
        return false
    }

    private mutating func balancedEnd(from start: Int, _ opening: UInt8, _ closing: UInt8) -> Int? {
        guard start < subject.count, subject[start] == opening else { return nil }
        var depth = 1
        var place = start + 1
        while place < subject.count {
            stepsLeft -= 1
            if subject[place] == closing {
                depth -= 1
                if depth == 0 { return place + 1 }
            } else if subject[place] == opening {
                depth += 1
            }
            place += 1
        }
        return nil
    }
}
