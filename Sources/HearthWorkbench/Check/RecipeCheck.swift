import HearthLuaSyntax
package import HearthRecipes

/// Looks for everything that is wrong with a recipe, without running any of its handlers.
package struct RecipeCheck {
    struct File {
        var path: String
        var lines: [Substring]
        /// Nil when the file is not Lua.
        var chunk: LuaChunk?
    }

    let files: [File]
    let examination: RecipeExamination
    /// Of the declaration, by cell.
    private(set) var declared: [String: SyntaxPosition] = [:]
    private var findings: Set<Finding> = []

    /// - Complexity: O(size of the sources), and loading them.
    /// - Returns: by file and line.
    package static func findings(in source: RecipeSource) -> [Finding] {
        var check = RecipeCheck(source)
        check.run()
        return check.findings.sorted {
            ($0.file, $0.line ?? 0, $0.column ?? 0, $0.message) < ($1.file, $1.line ?? 0, $1.column ?? 0, $1.message)
        }
    }

    private init(_ source: RecipeSource) {
        examination = RecipeExamination(source)
        var files: [File] = []
        for file in source.files {
            var read = File(path: file.path, lines: file.text.split(separator: "\n", omittingEmptySubsequences: false))
            do throws(LuaSyntaxError) {
                read.chunk = try LuaChunk(file.text)
            } catch {
                findings.insert(
                    Finding(
                        code: .syntax, file: file.path, line: error.position.line, column: error.position.column,
                        message: error.message,
                        suggestion: SyntaxHint.suggestion(in: read.lines, at: error.position),
                        source: Self.text(read.lines, error.position.line)))
            }
            files.append(read)
        }
        self.files = files
    }

    private mutating func run() {
        let broken = Set(files.filter { $0.chunk == nil }.map(\.path))
        // Our own parser says it better, with the column, and for every file.
        for problem in examination.problems where !broken.contains(problem.file) {
            findings.insert(
                Finding(
                    code: .declaration, file: problem.file, line: problem.line, message: problem.message,
                    source: problem.source))
        }
        findDeclarations()
        for place in files.indices {
            guard let chunk = files[place].chunk else { continue }
            for finding in GlobalCheck.findings(in: chunk) { report(finding, in: place) }
            for finding in PatternCheck.findings(in: chunk) { report(finding, in: place) }
        }
        let analysis = RecipeAnalysis(files: files.map(\.chunk), paths: files.map(\.path), examination)
        analysis.run()
        for (file, finding) in analysis.findings { report(finding, in: file) }
        guard let recipe = examination.recipe else { return }
        for finding in PolicyCheck.findings(in: recipe, analysis) { report(finding, in: finding.file) }
        reportUnused(recipe, analysis)
    }

    // MARK: - Reports

    /// A finding before its file and line are told.
    struct Note: Hashable {
        var code: Finding.Code
        var position: SyntaxPosition?
        var message: String
        var suggestion: String?
        /// The place of the file; the main file unless said.
        var file = 0
    }

    private mutating func report(_ note: Note, in file: Int) {
        let lines = files[file].lines
        findings.insert(
            Finding(
                code: note.code, file: files[file].path, line: note.position?.line, column: note.position?.column,
                message: note.message, suggestion: note.suggestion,
                source: note.position.flatMap { Self.text(lines, $0.line) }))
    }

    private static func text(_ lines: [Substring], _ line: Int) -> String? {
        guard lines.indices.contains(line - 1) else { return nil }
        let text = lines[line - 1].drop { $0 == " " || $0 == "\t" }
        return text.isEmpty ? nil : String(text)
    }

    // MARK: - Cells that nothing uses

    private mutating func reportUnused(_ recipe: Recipe, _ analysis: RecipeAnalysis) {
        if analysis.cellsEscape || files.contains(where: { $0.chunk == nil }) { return }
        var used = analysis.usedCells
        for cell in recipe.cells.values { Self.noteLinks(cell.type, &used) }
        for handler in recipe.handlers.values { handler.data.map { Self.noteLinks($0, &used) } }
        for watch in recipe.watches { used.insert(watch.cell) }
        for case .kept(let rule) in recipe.derived.map(\.source) { used.insert(rule.list) }
        for (name, cell) in recipe.cells where !used.contains(name) && !cell.isEphemeral {
            report(
                Note(
                    code: .unusedCell, position: declared[name],
                    message: "no function of the recipe reads or writes the cell \(name)",
                    suggestion: "take it out, or write the handler that fills it"), in: 0)
        }
    }

    private static func noteLinks(_ type: CellType, _ used: inout Set<String>) {
        switch type {
        case .link(let cell): if let cell { used.insert(cell) }
        case .list(let rule): noteLinks(rule.element, &used)
        case .map(let rule): noteLinks(rule.element, &used)
        case .optional(let inner): noteLinks(inner, &used)
        case .object(let object): object.fields.forEach { noteLinks($0.type, &used) }
        default: break
        }
    }

    /// Where each cell is declared: `cells = { NAME = …` in the main file.
    private mutating func findDeclarations() {
        guard let chunk = files.first?.chunk else { return }
        var found: [String: SyntaxPosition] = [:]
        chunk.main.block.walkExpressions { expression in
            guard case .table(let fields) = expression.kind else { return }
            for case .named("cells", _, let value) in fields {
                guard case .table(let cells) = value.kind else { continue }
                for case .named(let name, let position, _) in cells { found[name] = position }
            }
        }
        declared = found
    }
}
