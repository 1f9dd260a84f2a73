import HearthRecipes
import HearthValues

/// Which cells of a recipe's rooms who may see.
struct Visibility {
    private let restricted: [String: CellDeclaration]
    /// Stored cells that the recipe does not declare: of an earlier version, and shown to nobody.
    let retired: Set<String>
    private let declared: Set<String>
    private let rolesAskedFor: Set<String>
    private let hasPrivateCells: Bool

    /// - Complexity: O(cells).
    init(recipe: Recipe, cells: Object) {
        declared = Set(recipe.cells.keys)
        retired = Set(cells.keys.filter { !recipe.holds(storedCell: $0) })
        restricted = recipe.cells.filter { $0.value.isPrivate || $0.value.readRole != nil }
        rolesAskedFor = Set(restricted.values.compactMap(\.readRole))
        hasPrivateCells = restricted.values.contains(where: \.isPrivate)
    }

    /// True when everyone sees everything.
    var isOpen: Bool { restricted.isEmpty && retired.isEmpty }

    func isRetired(_ cell: String) -> Bool { retired.contains(cell) }

    func viewer(for participant: Participant) -> Viewer {
        Viewer(
            session: hasPrivateCells ? participant.session : nil, user: hasPrivateCells ? participant.id : nil,
            roles: participant.roles.filter(rolesAskedFor.contains).sorted())
    }

    func allows(_ cell: String, to viewer: Viewer) -> Bool {
        if isOpen { return true }
        if retired.contains(cell) { return false }
        guard let declaration = restricted[String(CellID.name(of: cell))] else { return true }
        if let role = declaration.readRole, !viewer.roles.contains(role) { return false }
        guard declaration.isPrivate else { return true }
        switch CellID.owner(of: cell) {
        case .session(let session): return session == viewer.session
        case .user(let user): return user == viewer.user
        case .room, .key: return false
        }
    }
}

extension Visibility {
    /// Whether participants who are grouped by this one see what they may by a later one: no cell of both has become more
    /// or less private, and nothing more must be known of a participant than is.
    func serves(_ later: Visibility) -> Bool {
        let isSame = declared.allSatisfy { name in
            guard later.declared.contains(name) else { return true }
            let (before, after) = (restricted[name], later.restricted[name])
            return before?.isPrivate ?? false == after?.isPrivate ?? false && before?.readRole == after?.readRole
        }
        return isSame && (hasPrivateCells || !later.hasPrivateCells) && later.rolesAskedFor.isSubset(of: rolesAskedFor)
    }
}

extension StateRequest {
    /// Was this cell asked for by its name or id?
    func names(_ cell: String) -> Bool {
        switch self {
        case .full: true
        case .none, .messages: false
        case .cells(let names): CellID.isAskedFor(cell, by: names)
        }
    }
}

extension Value {
    /// Calls `body` with the target cell of every link inside.
    /// - Complexity: O(size of the value).
    func forEachLinkTarget(_ body: (String) -> Void) {
        forEachLink { body($0.cell) }
    }
}
