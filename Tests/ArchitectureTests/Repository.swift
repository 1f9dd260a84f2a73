import Foundation
import Testing

/// The files of this repository, as the tests here see them.
enum Repository {
    static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    static func text(_ path: String) throws -> String {
        try String(contentsOf: root.appending(path: path), encoding: .utf8)
    }

    static func exists(_ path: String) -> Bool {
        FileManager.default.fileExists(atPath: root.appending(path: path).path)
    }

    /// The names of the folders directly inside `path`, sorted.
    static func folders(in path: String) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: root.appending(path: path).path)
            .filter { name in
                let folder = root.appending(path: "\(path)/\(name)")
                return try folder.resourceValues(forKeys: [.isDirectoryKey]).isDirectory == true
            }
            .sorted()
    }

    /// All Swift files under `path`, sorted.
    static func swiftFiles(in path: String) throws -> [SourceText] {
        let folder = root.appending(path: path)
        let found = FileManager.default.enumerator(at: folder, includingPropertiesForKeys: nil)
        return try (found?.allObjects ?? [])
            .compactMap { $0 as? URL }
            .filter { $0.pathExtension == "swift" }
            .map { try SourceText(path: relative($0), text: String(contentsOf: $0, encoding: .utf8)) }
            .sorted { $0.path < $1.path }
    }

    private static func relative(_ file: URL) -> String {
        String(file.standardizedFileURL.path.dropFirst(root.standardizedFileURL.path.count))
            .trimmingCharacters(in: ["/"])
    }
}

struct SourceText: Sendable, CustomTestStringConvertible {
    let path: String
    let lines: [String]

    init(path: String, text: String) {
        self.path = path
        lines = text.components(separatedBy: "\n")
    }

    var testDescription: String { path }

    /// Lines that are not comments, with their numbers from 1. A comment at the end of a line of code stays.
    var code: [(number: Int, text: String)] {
        lines.enumerated()
            .map { (number: $0.offset + 1, text: $0.element) }
            .filter { !$0.text.drop { $0 == " " }.hasPrefix("//") }
    }

    /// The modules that this file imports, with the line of each.
    var imports: [(number: Int, module: String)] {
        let importLine = /^\s*(?:@\w+\s+)*(?:\w+\s+)?import\s+(?:(?:struct|class|enum|protocol|func|var)\s+)?(\w+)/
        return code.compactMap { line in
            guard let match = line.text.firstMatch(of: importLine) else { return nil }
            return (line.number, String(match.output.1))
        }
    }
}
