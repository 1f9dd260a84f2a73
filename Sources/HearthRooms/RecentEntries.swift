import HearthValues

/// The latest of what was noted under keys; the oldest is forgotten first. Copies share what they have in common.
struct RecentEntries: Sendable {
    let limit: Int
    /// Numbers rise by one with every entry, from 1.
    private(set) var newest: Int64 = 0
    private var oldest: Int64 = 1
    /// By key: number and value.
    private var entries = Object()
    /// The keys by their numbers.
    private var keys = Object()

    init(limit: Int) { self.limit = limit }

    var count: Int { entries.count }

    subscript(key: String) -> Value? { entries[key]?.object?["value"] }

    /// Notes a key as the newest; one that is there already is as new as this then.
    ///
    /// - Parameter number: what it was numbered when it was first noted; nil for the next.
    /// - Returns: its number.
    /// - Complexity: O(log n).
    @discardableResult
    mutating func note(_ key: String, _ value: Value = .null, number: Int64? = nil) -> Int64 {
        if let before = entries[key]?.object?["number"]?.int { keys[String(before)] = nil }
        let number = number ?? newest + 1
        entries[key] = .object(["number": .int(number), "value": value])
        keys[String(number)] = .string(key)
        if entries.count == 1 { oldest = number }
        newest = max(newest, number)
        while entries.count > limit, oldest <= newest { forgetOldest() }
        return number
    }

    private mutating func forgetOldest() {
        if let key = keys[String(oldest)]?.string {
            entries[key] = nil
            keys[String(oldest)] = nil
        }
        oldest += 1
    }

    /// For tests that compare.
    var fingerprint: String { "\(newest) \(oldest) \(entries.count)" }
}
