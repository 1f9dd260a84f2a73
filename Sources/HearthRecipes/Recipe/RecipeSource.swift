/// The text of one Lua file of a recipe.
package struct SourceFile: Sendable, Hashable {
    /// Relative to the recipe's folder: "recipe.lua", "rules.lua".
    package var path: String
    package var text: String

    package init(path: String, text: String) {
        self.path = path
        self.text = text
    }
}

/// A recipe as it lies on disk. The first file is the one that returns the declaration; the others are its modules.
package struct RecipeSource: Sendable, Hashable {
    /// The folder's or file's name; a recipe must call itself the same.
    package var name: String
    package var files: [SourceFile]

    package init(name: String, files: [SourceFile]) {
        self.name = name
        self.files = files
    }

    /// A recipe of one file.
    package init(name: String, text: String) {
        self.init(name: name, files: [SourceFile(path: "recipe.lua", text: text)])
    }

    /// FNV-1a (64 bits) over names and texts, as 16 hexadecimal digits.
    package var hash: String {
        var state: UInt64 = 0xcbf2_9ce4_8422_2325
        func mix(_ byte: UInt8) { state = (state ^ UInt64(byte)) &* 0x100_0000_01b3 }
        for file in files {
            file.path.utf8.forEach(mix)
            mix(0)
            file.text.utf8.forEach(mix)
            mix(0)
        }
        let digits = String(state, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}
