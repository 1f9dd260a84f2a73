import HearthRecipes
import HearthValues

/// Which cells of a recipe's rooms who may see.
struct Visibility {
    private let restricted: [String: CellDeclaration]
    private let rolesAskedFor: Set<String>
    private let hasPrivateCells: Bool

    init(recipe: Recipe) {
        restricted = recipe.cells.filter { $0.value.isPrivate || $0.value.readRole != nil }
        rolesAskedFor = Set(restricted.values.compactMap(\.readRole))
        hasPrivateCells = restricted.values.contains(where: \.isPrivate)
    }

    /// True when everyone sees everything.
    var isOpen: Bool { restricted.isEmpty }

    func viewer(for participant: Participant) -> Viewer {
        Viewer(
            session: hasPrivateCells ? participant.session : nil, user: hasPrivateCells ? participant.id : nil,
            roles: participant.roles.filter(rolesAskedFor.contains).sorted())
    }

    func allows(_ cell: String, to viewer: Viewer) -> Bool {
        if restricted.isEmpty { return true }
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

extension StateRequest {
    /// Was this cell asked for by its name or id?
    func names(_ cell: String) -> Bool {
        switch self {
        case .full: true
        case .none: false
        case .cells(let names): names.contains { cell == $0 || CellID.isNamed(cell, $0) }
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
