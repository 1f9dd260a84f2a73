import HearthRecipes
import Logging

/// Which recipe serves which party of `/parties/{party}/{room}`.
extension RecipeLibrary {
    /// A recipe of that name, else the first by name that claims it.
    ///
    /// - Throws: 404 when nobody serves the party, or when its recipe takes no raw messages.
    func recipe(ofParty party: String) throws(Refusal) -> String {
        if let entry = entry(named: party) {
            if entry.recipe.claims(party: party) { return party }
            throw .noParty("the recipe \"\(party)\" takes no raw messages: it declares no `messages`")
        }
        let all = all
        if let recipe = all.first(where: { $0.claims(party: party) }) { return recipe.name }
        let known = Set(all.filter { !$0.messages.isEmpty }.flatMap { [$0.name] + $0.parties }).sorted()
        throw .noParty("there is no party \"\(party)\"; known are: \(known.joined(separator: ", "))")
    }

    /// Every recipe, in order of names.
    var all: [Recipe] { names.compactMap { entry(named: $0)?.recipe } }

    /// Says which claims lead nowhere, because another recipe has the name or claims it too.
    func warnOfContestedParties(_ logger: Logger) {
        for name in names {
            for party in entry(named: name)?.recipe.parties ?? [] where (try? recipe(ofParty: party)) != name {
                logger.warning(
                    "party claimed in vain", metadata: ["recipe": "\(name)", "party": "\(party)", "cause": "taken"])
            }
        }
    }
}

extension Recipe {
    func claims(party: String) -> Bool { !messages.isEmpty && (name == party || parties.contains(party)) }
}

extension Refusal {
    fileprivate static func noParty(_ message: String) -> Refusal {
        Refusal(statusCode: 404, code: "party_not_found", message: message)
    }
}
