import Foundation
import HearthRecipes
import HearthServer
import HearthTesting

/// Specs and their recipes as they lie on disk.
enum SpecFolder {
    /// The spec at `path`, or all specs in it and beneath, in the order of their paths.
    /// - Throws: `CommandFailure` when there is nothing at `path`.
    static func specs(in path: String) throws -> [String] {
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
            throw CommandFailure("There is no spec at \(path): no such file or folder.")
        }
        guard isFolder.boolValue else {
            guard path.hasSuffix(".lua") else { throw CommandFailure("\(path) is no spec: a spec is a Lua file.") }
            return [path]
        }
        let all = FileManager.default.enumerator(atPath: path)?.compactMap { $0 as? String } ?? []
        let folder = path.hasSuffix("/") ? String(path.dropLast()) : path
        return all.filter { $0.hasSuffix("_spec.lua") && !$0.split(separator: "/").contains { $0.hasPrefix(".") } }
            .sorted().map { folder == "." ? $0 : "\(folder)/\($0)" }
    }

    /// When each Lua file changed last: in the folders, and in those of the files.
    static func changes(in paths: [String]) -> [String: Date] {
        var changes: [String: Date] = [:]
        for path in paths {
            let folder = path.hasSuffix(".lua") ? URL(filePath: path).deletingLastPathComponent().path : path
            for case let file as String in FileManager.default.enumerator(atPath: folder) ?? .init()
            where file.hasSuffix(".lua") {
                let whole = "\(folder)/\(file)"
                let attributes = try? FileManager.default.attributesOfItem(atPath: whole)
                changes[whole] = attributes?[.modificationDate] as? Date
            }
        }
        return changes
    }

    private static func relative(_ path: String) -> String {
        let here = FileManager.default.currentDirectoryPath + "/"
        return path.hasPrefix(here) ? String(path.dropFirst(here.count)) : path
    }

    /// The recipe of a name: the folder of the spec when it is called so, else beside the spec, a folder above, or in
    /// the folder of recipes. With the place where it was found.
    static func recipe(
        named name: String, beside spec: String, or recipes: String
    ) throws -> (source: RecipeSource, place: String) {
        let folder = URL(filePath: spec).absoluteURL.deletingLastPathComponent()
        let above = folder.deletingLastPathComponent()
        var places = folder.lastPathComponent == name ? [folder] : []
        for place in [folder, above, URL(filePath: recipes)] {
            places += [place.appending(path: name), place.appending(path: name + ".lua")]
        }
        for place in places {
            if let source = CheckedRecipe.source(at: place.path), source.name == name {
                return (source, relative(place.path))
            }
        }
        throw SpecError(
            "there is no recipe \"\(name)\" beside the spec, in the folder above it or in \(recipes)")
    }
}
