import Foundation

/// Runs specs in a process of its own, one at a time: their rooms and limits are not the server's.
final class SpecRunner: Sendable {
    private let folder: String
    private let limits: [String]
    private let queue = DispatchQueue(label: "hearth.specs")

    /// - Parameter limits: as `--limit` takes them.
    init(folder: String, limits: [String]) {
        self.folder = folder
        self.limits = limits
    }

    /// The specs of the recipes whose files changed.
    func run(for changed: Set<String>) {
        run(Set(changed.compactMap(recipe)).sorted())
    }

    /// The specs in these folders, if there are any.
    func run(_ folders: [String]) {
        let specs = folders.filter { !((try? SpecFolder.specs(in: $0)) ?? []).isEmpty }
        if !specs.isEmpty { queue.async { [self] in start(specs) } }
    }

    /// The folder of the recipe that a file belongs to; a path from the watched folder.
    private func recipe(of path: String) -> String? {
        if folder.hasSuffix(".lua") { return URL(filePath: folder).deletingLastPathComponent().relativePath }
        let root = URL(filePath: folder)
        if FileManager.default.fileExists(atPath: root.appending(path: "recipe.lua").path) { return folder }
        let parts = path.split(separator: "/")
        return parts.count > 1 ? root.appending(path: String(parts[0])).relativePath : nil
    }

    private func start(_ specs: [String]) {
        let process = Process()
        process.executableURL = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath()
        process.arguments = ["test", "--recipes", folder] + limits.map { "--limit=\($0)" } + specs
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = FileHandle.standardError
        do {
            try process.run()
            process.waitUntilExit()
        } catch {
            Terminal.complain("The specs cannot be run: \(error.localizedDescription)")
        }
    }
}
