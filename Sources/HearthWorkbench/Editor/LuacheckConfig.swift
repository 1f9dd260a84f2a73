import HearthLua
import HearthTesting

/// `.luacheckrc`: the globals that a recipe and a spec really have.
enum LuacheckConfig {
    static var text: String {
        var lines = [
            "-- The globals that a recipe really has: what the sandbox leaves out is a warning here.",
            EditorFiles.mark,
            "",
            "stds.hearth = {",
            "  read_globals = {",
        ]
        lines += wrapped(SandboxSurface.functions.sorted(), indent: "    ")
        for (library, fields) in SandboxSurface.libraries.sorted(by: { $0.key < $1.key }) {
            lines += table(library, fields.sorted())
        }
        lines += ["  },", "}", ""]
        lines += [
            "-- What `*_spec.lua` has on top: busted's words, and rooms to try a recipe in.",
            "stds.hearth_spec = {",
            "  read_globals = {",
        ]
        let words = SpecSurface.globals.map(\.name)
        lines += wrapped(words.filter { !$0.contains(".") }, indent: "    ")
        lines += ["    assert = { other_fields = true },"]
        lines += table("hearth", words.filter { $0.hasPrefix("hearth.") }.map { String($0.dropFirst(7)) })
        lines += [
            "  },", "}", "", "std = \"hearth\"", "max_line_length = 100", "unused_args = false",
            "exclude_files = { \"**/_meta/**\" }", "files[\"**/*_spec.lua\"].std = \"hearth+hearth_spec\"", "",
        ]
        return lines.joined(separator: "\n")
    }

    private static func table(_ name: String, _ fields: [String]) -> [String] {
        let line = "    \(name) = { fields = { " + fields.map { "\"\($0)\"" }.joined(separator: ", ") + " } },"
        if line.count <= 100 { return [line] }
        return ["    \(name) = {", "      fields = {"] + wrapped(fields, indent: "        ") + ["      },", "    },"]
    }

    private static func wrapped(_ names: [String], indent: String) -> [String] {
        var lines: [String] = []
        var line = indent
        for name in names {
            let word = "\"\(name)\","
            if line.count + word.count > 99 {
                lines.append(line)
                line = indent
            }
            line += (line == indent ? "" : " ") + word
        }
        return lines + [line]
    }
}
