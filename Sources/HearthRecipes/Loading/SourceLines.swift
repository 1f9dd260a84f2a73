/// The lines of a recipe's files, to quote them in messages and to find where a name was written.
struct SourceLines: Sendable {
    private let files: [(path: String, lines: [Substring])]

    init(_ files: [SourceFile]) {
        self.files = files.map { file in
            (file.path, file.text.split(separator: "\n", omittingEmptySubsequences: false))
        }
    }

    /// The text of a line, without the space around it.
    /// - Parameter line: from 1.
    func text(file: String, line: Int) -> String? {
        guard let found = files.first(where: { $0.path == file }), line >= 1, line <= found.lines.count else {
            return nil
        }
        let text = found.lines[line - 1].trimmed
        return text.isEmpty ? nil : String(text)
    }

    /// The first line at or after `start` that assigns `name` as a table's field.
    func line(assigning name: String, file: String, from start: Int) -> Int? {
        guard let found = files.first(where: { $0.path == file }) else { return nil }
        for number in found.lines.indices where number + 1 >= start {
            if found.lines[number].assigns(name) { return number + 1 }
        }
        return nil
    }
}

extension Substring {
    fileprivate var trimmed: Substring {
        let start = firstIndex { !$0.isWhitespace } ?? endIndex
        let last = lastIndex { !$0.isWhitespace }
        return last.map { self[start...$0] } ?? self[start..<start]
    }

    /// Whether `name =`, `["name"] =` stands here: the name as a whole word, then an equals sign.
    fileprivate func assigns(_ name: String) -> Bool {
        let bytes = Array(utf8)
        let word = Array(name.utf8)
        guard !word.isEmpty, bytes.count >= word.count else { return false }
        for start in 0...(bytes.count - word.count) where bytes[start..<(start + word.count)].elementsEqual(word) {
            if start > 0, isWordByte(bytes[start - 1]) { continue }
            var place = start + word.count
            while place < bytes.count,
                [UInt8(ascii: " "), UInt8(ascii: "\""), UInt8(ascii: "'"), UInt8(ascii: "]")].contains(bytes[place])
            {
                place += 1
            }
            if place < bytes.count, bytes[place] == UInt8(ascii: "="),
                place + 1 == bytes.count || bytes[place + 1] != UInt8(ascii: "=")
            {
                return true
            }
        }
        return false
    }
}

private func isWordByte(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"):
        true
    default: false
    }
}
