package import HearthLua

/// Where the VMs of recipes run. Safe from every thread.
package struct RecipeIsolation: Sendable {
    /// Nil: in this process.
    private let open: (@Sendable (String, LuaProgram) throws(LuaError) -> any LuaEngine)?

    /// - Parameter open: gets the recipe's name and its program.
    package init(_ open: @escaping @Sendable (String, LuaProgram) throws(LuaError) -> any LuaEngine) {
        self.open = open
    }

    private init() { open = nil }

    /// Whether VMs compute elsewhere than in this process.
    package var isElsewhere: Bool { open != nil }

    func engine(_ recipe: String, _ program: LuaProgram) throws(LuaError) -> any LuaEngine {
        guard let open else { return try BridgeEngine(program) }
        return try open(recipe, program)
    }

    /// All VMs in this process.
    package static let none = RecipeIsolation()
}
