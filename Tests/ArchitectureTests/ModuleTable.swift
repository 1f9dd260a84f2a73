import Foundation

/// The table of modules in `ARCHITECTURE.md`: what each may import.
struct ModuleTable {
    struct Row {
        let module: String
        /// Modules of this package that stand in the row.
        let imports: [String]
        /// Modules from outside: packages, Foundation, `libc`.
        let outside: [String]
        /// Written in italics: planned, and not there yet.
        let isPlanned: Bool
    }

    let rows: [Row]

    /// Reads the table whose header begins with `| module |`. A row may name several modules.
    init(markdown: String) {
        let lines = markdown.components(separatedBy: "\n")
        let table = lines.drop { !$0.hasPrefix("| module |") }.prefix { $0.hasPrefix("|") }.dropFirst(2)
        rows = table.flatMap { line -> [Row] in
            let columns = line.split(separator: "|", omittingEmptySubsequences: false).map(String.init)
            guard columns.count >= 6 else { return [] }
            return Self.names(in: columns[1]).map { name in
                Row(
                    module: name,
                    imports: Self.names(in: columns[3]),
                    outside: Self.names(in: columns[4]),
                    isPlanned: columns[1].contains("*`\(name)`*"))
            }
        }
    }

    private static func names(in column: String) -> [String] {
        column.matches(of: /`([\w]+)`/).map { String($0.output.1) }
    }

    func row(of module: String) -> Row? { rows.first { $0.module == module } }

    /// Everything that a file of `module` may import.
    ///
    /// A Swift module passes on what it imports; a C module does not, so that only the one module which names it in its
    /// own row can call it.
    func allowed(for module: String) -> Set<String> {
        guard let row = row(of: module) else { return [] }
        var allowed = Set(row.outside.flatMap(Self.spellings)).union(row.imports).union(Self.everywhere)
        for name in row.imports where !name.hasPrefix("C") {
            allowed.formUnion(passedOn(by: name))
        }
        return allowed
    }

    private func passedOn(by module: String) -> Set<String> {
        let swift = (row(of: module)?.imports ?? []).filter { !$0.hasPrefix("C") }
        return swift.reduce(into: Set(swift)) { $0.formUnion(passedOn(by: $1)) }
    }

    /// The language itself.
    private static let everywhere: Set<String> = ["Swift", "Synchronization"]

    private static func spellings(_ outside: String) -> [String] {
        outside == "libc" ? ["Glibc", "Darwin", "Musl"] : [outside]
    }
}
