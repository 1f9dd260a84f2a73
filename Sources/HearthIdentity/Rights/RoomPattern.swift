/// A name of rooms with wildcards: `*` stands for any characters, none included, and `?` for one byte. Case matters.
package struct RoomPattern: Sendable, Hashable {
    private let pattern: [UInt8]

    package init(_ text: String) { pattern = Array(text.utf8) }

    /// - Complexity: O(pattern × name), whatever they are; nothing is tried twice.
    package func matches(_ room: String) -> Bool {
        let name = Array(room.utf8)
        var at = 0
        var place = 0
        // After a star: where it stands, and how far it reaches at present.
        var star: (pattern: Int, name: Int)?
        while place < name.count {
            if at < pattern.count, pattern[at] == UInt8(ascii: "*") {
                star = (at, place)
                at += 1
            } else if at < pattern.count, pattern[at] == UInt8(ascii: "?") || pattern[at] == name[place] {
                at += 1
                place += 1
            } else if let (pattern, reach) = star {
                star = (pattern, reach + 1)
                at = pattern + 1
                place = reach + 1
            } else {
                return false
            }
        }
        return pattern[at...].allSatisfy { $0 == UInt8(ascii: "*") }
    }
}
