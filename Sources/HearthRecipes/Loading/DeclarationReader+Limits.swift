extension DeclarationReader {
    /// `limits = { instructions = 1000000, … }`: for each event of this recipe, and never above what the server allows.
    mutating func readLimits(_ noted: Noted) {
        if noted.isAbsent { return }
        let outer = place(assigning: "limits", after: root)
        guard noted.typeKind == nil, let fields = noted.table else {
            report("limits: \(noted.title), expected a table: limits = { instructions = 1000000 }", at: outer)
            return
        }
        let settable = RecipeLimits.all.filter { $0.scope == .event }
        checkFields(fields, of: "limits", known: RecipeLimits.all.map(\.name), at: outer)
        for limit in RecipeLimits.all {
            guard let given = fields[limit.name] else { continue }
            let place = place(assigning: limit.name, after: outer)
            guard settable.contains(where: { $0.name == limit.name }) else {
                report("limits.\(limit.name) is the server's: a recipe cannot set it", at: place)
                continue
            }
            let max = limit.value(in: limits)
            guard let value = given.int, value >= 1, let value = Int(exactly: value) else {
                report("limits.\(limit.name): \(given.shown), an integer from 1 is required", at: place)
                continue
            }
            if max != 0, value > max {
                report(
                    "limits.\(limit.name): \(value) is more than the server's maximum of \(max) \(limit.unit)",
                    at: place)
                continue
            }
            limit.set(value, in: &limits)
        }
    }
}
