/// The files that make an editor know Hearth: LuaLS stubs and its settings, and luacheck's. All are made from the tables
/// that the engine itself works with.
package enum EditorFiles {
    /// Paths inside a folder of recipes, with what they hold.
    package static var all: [(path: String, text: String)] {
        [
            ("_meta/hearth.lua", LuaStubs.hearth), ("_meta/types.lua", LuaStubs.types),
            ("_meta/sandbox.lua", LuaStubs.sandbox), ("_meta/spec.lua", LuaStubs.spec),
            (".luarc.json", luarc), (".luacheckrc", LuacheckConfig.text),
        ]
    }

    /// Where the classes of a recipe's own cells go.
    package static func cellsPath(of recipe: String) -> String { "_meta/recipes/\(recipe).lua" }

    static let mark = "-- Made by `hearth meta`: do not edit."

    private static let luarc = """
        {
          "$schema": "https://raw.githubusercontent.com/LuaLS/vscode-lua/master/setting/schema.json",
          "runtime.version": "Lua 5.4",
          "runtime.path": ["?.lua", "?/recipe.lua"],
          "runtime.builtin": {
            "debug": "disable", "ffi": "disable", "io": "disable", "jit": "disable", "os": "disable",
            "package": "disable"
          },
          "workspace.library": ["_meta"],
          "workspace.checkThirdParty": false,
          "diagnostics.disable": ["lowercase-global"]
        }

        """
}
