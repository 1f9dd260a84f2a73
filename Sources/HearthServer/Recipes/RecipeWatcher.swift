import Foundation

/// Notices when the Lua files of recipes change: saved in place, replaced by a rename, added, removed.
///
/// It looks at the files' times, sizes and numbers some times a second. That sees every way in which editors save, on
/// every file system, bind mounts and network folders among them, where notifications of the kernel do not.
struct RecipeWatcher: Sendable {
    /// The time between two looks, in milliseconds.
    static let intervalMs = 100
    /// How long nothing may change before a change counts: several files that are saved together are one change.
    static let quietMs = 50

    let folder: String

    struct Mark: Hashable {
        var changed: Date?
        var size: UInt64?
        var number: UInt64?
    }

    /// - Complexity: one call of the system for each file below the folder.
    func look() -> [String: Mark] {
        var marks: [String: Mark] = [:]
        if folder.hasSuffix(".lua") {
            marks[folder] = Self.mark(folder)
            return marks
        }
        guard let all = FileManager.default.enumerator(atPath: folder) else { return marks }
        while let path = all.nextObject() as? String {
            if path.hasSuffix(".lua") { marks[path] = Self.mark("\(folder)/\(path)") }
        }
        return marks
    }

    private static func mark(_ path: String) -> Mark? {
        guard let found = try? FileManager.default.attributesOfItem(atPath: path) else { return nil }
        return Mark(
            changed: found[.modificationDate] as? Date, size: (found[.size] as? NSNumber)?.uint64Value,
            number: (found[.systemFileNumber] as? NSNumber)?.uint64Value)
    }

    /// Calls `changed` with the paths that differ after each change, until its task is cancelled.
    func watch(_ changed: @Sendable (Set<String>) async -> Void) async {
        var known = look()
        while !Task.isCancelled {
            try? await Task.sleep(for: .milliseconds(Self.intervalMs))
            var seen = look()
            guard seen != known else { continue }
            while !Task.isCancelled {
                try? await Task.sleep(for: .milliseconds(Self.quietMs))
                let again = look()
                if again == seen { break }
                seen = again
            }
            let paths = Set(seen.keys).union(known.keys).filter { seen[$0] != known[$0] }
            known = seen
            await changed(paths)
        }
    }
}
