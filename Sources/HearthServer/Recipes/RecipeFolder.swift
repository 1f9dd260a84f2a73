import Foundation
import HearthRecipes
import HearthRooms
import Logging

/// Recipes as they lie on disk: `NAME/recipe.lua` with modules and web files beside it, or `NAME.lua`.
enum RecipeFolder {
    /// Those that pass their checks; what does not is logged and left out.
    static func load(
        _ sources: [(URL, RecipeSource)], isolation: RecipeIsolation, limits: LimitSettings, logger: Logger
    ) -> [RecipeLibrary.Entry] {
        sources.compactMap { entry(at: $0, $1, isolation, limits, logger: logger) }
    }

    /// Everything in `path` that looks like a recipe, checked or not, in order of paths. Of several with one name the first
    /// counts; the others are logged and left out.
    ///
    /// - Parameter path: a folder of recipes, one recipe's folder, or one recipe's file.
    /// - Throws: `ServerError` when there is nothing at `path`.
    static func sources(in path: String, logger: Logger) throws(ServerError) -> [(URL, RecipeSource)] {
        let found = try find(in: path, logger: logger)
        for namesake in found.namesakes {
            logger.error(
                "recipe left out",
                metadata: ["recipe": "\(namesake.name)", "path": "\(namesake.path)", "cause": "\(namesake.message)"])
        }
        return found.sources
    }

    /// The same, and those that are left out for their names, which are not logged.
    static func find(
        in path: String, logger: Logger
    ) throws(ServerError) -> (sources: [(URL, RecipeSource)], namesakes: [Namesake]) {
        var sources: [(URL, RecipeSource)] = []
        var namesakes: [Namesake] = []
        for (url, source) in try candidates(in: path, logger: logger) {
            if let first = sources.first(where: { $0.1.name == source.name }) {
                namesakes.append(Namesake(name: source.name, path: url.relativePath, first: first.0.relativePath))
            } else {
                sources.append((url, source))
            }
        }
        return (sources, namesakes)
    }

    private static func candidates(in path: String, logger: Logger) throws(ServerError) -> [(URL, RecipeSource)] {
        let url = URL(filePath: path)
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: url.path, isDirectory: &isFolder) else {
            throw ServerError("There are no recipes at \(path): no such file or folder.")
        }
        var candidates = [url]
        if isFolder.boolValue && !isRecipe(url) {
            // A link to a folder would have nothing in it.
            let isLink = (try? FileManager.default.destinationOfSymbolicLink(atPath: url.path)) != nil
            let folder = isLink ? url.resolvingSymlinksInPath() : url
            do {
                candidates = try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
            } catch {
                throw ServerError("The recipes at \(path) cannot be read: \(error.localizedDescription)")
            }
        }
        return candidates.sorted { $0.path < $1.path }.compactMap { candidate in
            let name = candidate.lastPathComponent
            guard !name.hasPrefix("_"), !name.hasPrefix("."), !name.hasSuffix("_spec.lua") else { return nil }
            return source(at: candidate, logger: logger).map { (candidate, $0) }
        }
    }

    static func isRecipe(_ folder: URL) -> Bool {
        FileManager.default.fileExists(atPath: folder.appending(path: "recipe.lua").path)
    }

    /// The folder with a recipe's web files; nil when it has none.
    static func web(of url: URL) -> String? {
        let web = url.appending(path: "web")
        return FileManager.default.fileExists(atPath: web.path) ? web.path : nil
    }

    private static func entry(
        at url: URL, _ source: RecipeSource, _ isolation: RecipeIsolation, _ limits: LimitSettings, logger: Logger
    ) -> RecipeLibrary.Entry? {
        do throws(RecipeError) {
            let runtime = try RecipeRuntime(source, limits: limits.limits(of: source.name), isolation: isolation)
            return RecipeLibrary.Entry(
                source: source, recipe: runtime.recipe, web: web(of: url), path: url.relativePath)
        } catch {
            logger.error("recipe left out", metadata: ["recipe": "\(source.name)", "cause": "\(error.message)"])
            return nil
        }
    }

    /// The first file is the one that returns the declaration; specs are not part of a recipe.
    private static func source(at url: URL, logger: Logger) -> RecipeSource? {
        if url.pathExtension == "lua" {
            guard let text = text(at: url, logger: logger) else { return nil }
            let file = SourceFile(path: url.lastPathComponent, text: text)
            return RecipeSource(name: url.deletingPathExtension().lastPathComponent, files: [file])
        }
        guard isRecipe(url) else { return nil }
        var paths = ["recipe.lua"]
        if let all = FileManager.default.enumerator(atPath: url.path) {
            let modules = all.compactMap { $0 as? String }.filter {
                $0.hasSuffix(".lua") && !$0.hasSuffix("_spec.lua") && $0 != "recipe.lua"
            }
            paths += modules.sorted()
        }
        var files: [SourceFile] = []
        for path in paths {
            guard let text = text(at: url.appending(path: path), logger: logger) else { return nil }
            files.append(SourceFile(path: path, text: text))
        }
        return RecipeSource(name: url.lastPathComponent, files: files)
    }

    private static func text(at url: URL, logger: Logger) -> String? {
        do {
            return try String(contentsOf: url, encoding: .utf8)
        } catch {
            logger.error("recipe left out", metadata: ["recipe": "\(url.path)", "cause": "cannot be read as UTF-8"])
            return nil
        }
    }
}

/// A recipe that is left out, because another has its name.
package struct Namesake: Sendable {
    package let name: String
    package let path: String
    /// Where the one is that counts.
    package let first: String

    package var message: String { "\(first) is a recipe called \(name) too, and that one counts" }
}
