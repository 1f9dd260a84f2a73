package import HearthRecipes
package import HearthValues

/// Whether a recipe can go on with a room as it is stored.
package enum StoredFit {
    /// - Parameters:
    ///   - cells: the room's stored cells.
    ///   - version: the version of the recipe that wrote them.
    package static func findings(of recipe: Recipe, room: String, cells: Object, version: Int64) -> [Finding] {
        if version > recipe.version {
            return [
                finding(
                    "version is \(recipe.version), and version \(version) has written the room \(room)",
                    "raise it to \(version + 1)")
            ]
        }
        // `on.migrate` is there to make them fit.
        if version < recipe.version { return [] }
        return cells.compactMap { id, value -> Finding? in
            guard !value.isNull else { return nil }
            guard let declaration = recipe.declaration(ofCell: id) else {
                return finding(
                    "the room \(room) holds the cell \(id), which is not declared any more",
                    "raise version to \(version + 1), and delete or move it in on.migrate")
            }
            do throws(SchemaError) {
                _ = try declaration.type.accept(value)
                return nil
            } catch {
                return finding(
                    "the room \(room) holds in \(id) what does not fit: \(error.message)",
                    "raise version to \(version + 1), and make it fit in on.migrate")
            }
        }
    }

    private static func finding(_ message: String, _ suggestion: String) -> Finding {
        Finding(code: .version, file: "recipe.lua", line: nil, message: message, suggestion: suggestion)
    }
}
