import HearthCells
import HearthRecipes
import HearthValues

/// The recipe that a room runs, with what of the room follows from it. Part of the room's state: what a refused write
/// takes back, it takes back with the code that wrote it.
final class RoomCode {
    let runtime: RecipeRuntime
    let stamp: RecipeStamp
    let visibility: Visibility
    /// Names whose cells are one per participant, user or `new`.
    let namesOfMany: Set<String>
    /// How facts name the recipe, as JSON.
    let factStamp: [UInt8]
    /// Rises with every version that a server takes up.
    let generation: UInt64

    /// - Parameters:
    ///   - cells: the stored cells: those that the recipe does not declare are shown to nobody.
    ///   - version: the version that wrote the cells, where that is not the recipe's own.
    /// - Complexity: O(cells).
    init(_ runtime: RecipeRuntime, generation: UInt64, cells: Object, version: Int64? = nil) {
        self.runtime = runtime
        self.generation = generation
        var stamp = RecipeStamp(runtime.recipe)
        if let version { stamp.version = version }
        self.stamp = stamp
        factStamp = JSON.bytes(["hash": .string(runtime.recipe.hash), "version": .int(runtime.recipe.version)])
        visibility = Visibility(recipe: runtime.recipe, cells: cells)
        namesOfMany = Set(runtime.recipe.cells.values.filter { $0.scope != .room }.map(\.name))
    }
}
