import Foundation

/// Files of the public test suites that lie in `../shared/data` beside the package; none where that folder is missing.
enum SharedCases {
    struct File: Sendable, CustomStringConvertible {
        let name: String
        let bytes: [UInt8]

        var description: String { name }
    }

    static func files(in folder: String, prefix: String = "") -> [File] {
        let root = URL(fileURLWithPath: #filePath)
            .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let url = root.appendingPathComponent("../shared/data").appendingPathComponent(folder).standardizedFileURL
        let names = (try? FileManager.default.contentsOfDirectory(atPath: url.path)) ?? []
        return names.sorted().filter { $0.hasPrefix(prefix) && $0.hasSuffix(".json") }.map { name in
            File(name: name, bytes: [UInt8]((try? Data(contentsOf: url.appendingPathComponent(name))) ?? Data()))
        }
    }
}
