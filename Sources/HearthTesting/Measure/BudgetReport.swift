import HearthValues

/// What handlers used of their budgets, and whether it has become more.
package struct BudgetReport {
    private let uses: [(name: String, use: SpecLedger.Use)]
    /// Instructions are counted in steps of 1000, and what a run is charged with differs by a few with its data.
    private static let tolerance = (share: 1.1, instructions: 2_000.0)

    package init(_ uses: [String: SpecLedger.Use]) {
        self.uses = uses.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    }

    /// A line for each handler.
    package var table: String {
        let width = uses.map(\.name.count).max() ?? 0
        return "\nBudgets used, at most in one run\n"
            + uses.map { name, use in
                let padding = String(repeating: " ", count: width - name.count)
                return
                    "  \(name)\(padding)  \(use.instructionsMax) instructions, \(use.outputBytesMax) bytes of output, "
                    + "\(use.runs) \(use.runs == 1 ? "run" : "runs")\n"
            }.joined()
    }

    /// What a file for `worse` holds.
    package var baseline: String {
        let lines = uses.map { "  \(JSON.text(.string($0.name))): \($0.use.instructionsMax)" }
        return "{\n\(lines.joined(separator: ",\n"))\n}\n"
    }

    /// The handlers that use more instructions than a baseline says, each as a sentence.
    /// - Throws: `SpecError` when the text is no baseline.
    package func worse(than baseline: String) throws -> [String] {
        guard case .object(let known)? = try? JSON.parse(baseline) else {
            throw SpecError("it is no JSON object of handlers and their instructions, as `--budget-baseline` writes it")
        }
        return try uses.compactMap { name, use in
            guard let value = known[name] else { return nil }
            guard let before = value.int, before >= 0 else {
                throw SpecError("\"\(name)\" has no whole number of instructions")
            }
            let allowed = max(Double(before) * Self.tolerance.share, Double(before) + Self.tolerance.instructions)
            guard Double(use.instructionsMax) > allowed else { return nil }
            return "\(name) used \(use.instructionsMax) instructions in one run, and \(before) before"
        }
    }
}
