package import HearthLua
package import HearthRecipes
import Synchronization

/// What the specs of a run made recipes do: which lines ran, and what handlers used. Safe from every thread.
package final class SpecLedger: Sendable {
    /// What one handler, or another function that the room calls, used of its budget.
    package struct Use: Sendable, Hashable {
        package var runs = 0
        /// The most that one run used.
        package var instructionsMax: UInt64 = 0
        package var outputBytesMax: UInt64 = 0
    }

    /// A file of a recipe with how often its lines ran.
    package struct CoveredFile: Sendable {
        package var recipe: String
        package var file: HearthLua.SourceFile
        /// By line from 1, for lines with code.
        package var counts: [Int: UInt32]

        package var linesRun: Int { counts.values.count { $0 > 0 } }
        /// The lines with code that did not run, in order.
        package var missed: [Int] { counts.filter { $0.value == 0 }.keys.sorted() }
    }

    private struct Kept {
        var covered: [String: LineCoverage] = [:]
        /// What other processes covered.
        var taken: [CoveredFile] = []
        var uses: [String: Use] = [:]
    }

    private let kept = Mutex(Kept())
    private let coversLines: Bool

    /// - Parameter coversLines: whether lines are counted; every line that runs costs a call then.
    package init(coversLines: Bool) { self.coversLines = coversLines }

    /// Runs recipes where `isolation` would, and counts their lines when this ledger does: in this process then.
    package func counting(_ isolation: RecipeIsolation) -> RecipeIsolation {
        guard coversLines else { return isolation }
        return RecipeIsolation { [self] (recipe: String, program: LuaProgram) throws(LuaError) in
            try BridgeEngine(program, coverage: coverage(of: recipe, program.modules))
        }
    }

    /// Nil for another text of the same recipe, as a spec may reload it: its lines are others.
    private func coverage(of recipe: String, _ files: [HearthLua.SourceFile]) -> LineCoverage? {
        kept.withLock { kept in
            if let known = kept.covered[recipe] { return known.files == files ? known : nil }
            let coverage = LineCoverage(of: files)
            kept.covered[recipe] = coverage
            return coverage
        }
    }

    func note(_ entry: Entry, of recipe: String, instructions: UInt64, outputBytes: UInt64) {
        let name = "\(recipe).\(entry.name)"
        kept.withLock { kept in
            var use = kept.uses[name] ?? Use()
            use.runs += 1
            use.instructionsMax = max(use.instructionsMax, instructions)
            use.outputBytesMax = max(use.outputBytesMax, outputBytes)
            kept.uses[name] = use
        }
    }

    /// Adds what another process covered and used. Of two texts of one file the first counts.
    package func take(_ files: [CoveredFile], _ uses: [String: Use]) {
        kept.withLock { kept in
            for file in files {
                let known = kept.taken.firstIndex { $0.recipe == file.recipe && $0.file.path == file.file.path }
                guard let known else {
                    kept.taken.append(file)
                    continue
                }
                guard kept.taken[known].file.text == file.file.text else { continue }
                kept.taken[known].counts.merge(file.counts) { one, other in
                    let (sum, overflow) = one.addingReportingOverflow(other)
                    return overflow ? .max : sum
                }
            }
            for (name, use) in uses {
                var all = kept.uses[name] ?? Use()
                all.runs += use.runs
                all.instructionsMax = max(all.instructionsMax, use.instructionsMax)
                all.outputBytesMax = max(all.outputBytesMax, use.outputBytesMax)
                kept.uses[name] = all
            }
        }
    }

    /// By recipe and file. Files that Lua cannot tell the lines of are left out.
    package var coveredFiles: [CoveredFile] {
        let (covered, taken) = kept.withLock { ($0.covered, $0.taken) }
        let own = covered.sorted { $0.key < $1.key }.flatMap { recipe, coverage in
            coverage.files.indices.compactMap { place in
                coverage.counts(ofFile: place).map {
                    CoveredFile(recipe: recipe, file: coverage.files[place], counts: $0)
                }
            }
        }
        let others = taken.enumerated().sorted { ($0.element.recipe, $0.offset) < ($1.element.recipe, $1.offset) }
        return own + others.map(\.element)
    }

    /// By `recipe.handler`.
    package var uses: [String: Use] { kept.withLock { $0.uses } }
}

extension Entry {
    /// As authors write it in a recipe.
    fileprivate var name: String {
        switch self {
        case .handler(let name): name
        case .message(let type): "messages.\(type)"
        case .create: "on.create"
        case .console: "repl"
        case .join: "on.join"
        case .leave: "on.leave"
        case .idle: "on.idle"
        case .migrate: "on.migrate"
        }
    }
}
