import Foundation
import HearthValues

/// Closes as they lie in the data folder: JSON, one a line, in a file that makes room for a new one when it is full.
package struct ClosingFiles: Sendable {
    /// Bytes at which a file is put aside; the one put aside before it goes.
    static let bytesMax = 1 << 20

    private let newer: String
    private let older: String

    package init(folder: String) {
        newer = folder + "/closings.jsonl"
        older = folder + "/closings.1.jsonl"
    }

    /// Does what it can: a disk that is full must not keep anybody from leaving.
    ///
    /// - Returns: bytes of whole lines that are in the file now.
    func append(_ lines: [UInt8]) -> Int {
        guard !lines.isEmpty else { return 0 }
        let file = open(newer, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0o600)
        guard file >= 0 else { return 0 }
        defer { close(file) }
        let written = max(0, lines.withUnsafeBytes { write(file, $0.baseAddress, $0.count) })
        let whole = lines[..<written].lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0
        // What comes next must not go on in the middle of a line.
        let end = lseek(file, 0, SEEK_END)
        if whole < written { _ = ftruncate(file, end - off_t(written - whole)) }
        if end > Self.bytesMax { rename(newer, older) }
        return whole
    }

    /// What is kept about a session or a trace, the latest first. A line that was cut off is passed over.
    ///
    /// - Complexity: O(bytes of the files), of which only the lines with that name in them are parsed.
    package func records(about name: String) -> [ClosingRecord] {
        var sink = ByteSink()
        JSON.write(.string(name), into: &sink)
        let text = Data(sink.bytes)
        return [older, newer].flatMap { path -> [ClosingRecord] in
            FileManager.default.contents(atPath: path).map { Self.records(in: Self.lines(of: $0, with: text)) } ?? []
        }.filter { $0.isAbout(name) }.reversed()
    }

    private static func lines(of content: Data, with text: Data) -> [UInt8] {
        let end = UInt8(ascii: "\n")
        var lines: [UInt8] = []
        var rest = content
        while let found = rest.range(of: text) {
            let first = rest[..<found.lowerBound].lastIndex(of: end).map { $0 + 1 } ?? rest.startIndex
            let next = rest[found.upperBound...].firstIndex(of: end).map { $0 + 1 } ?? rest.endIndex
            lines += rest[first..<next]
            rest = rest[next...]
        }
        return lines
    }

    /// Those in lines, in their order. A line that was cut off is passed over.
    static func records(in lines: some Collection<UInt8>) -> [ClosingRecord] {
        lines.split(separator: UInt8(ascii: "\n")).compactMap { line in
            (try? JSON.parse(Array(line))).flatMap(ClosingRecord.init)
        }
    }
}
