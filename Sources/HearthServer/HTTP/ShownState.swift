import HearthRecipes
import HearthRooms
import HearthStore
import HearthValues

/// What HTTP shows of a room's cells, and the tag by which a client knows it again.
struct ShownState {
    let seq: UInt64
    let cells: Object
    /// The seq; where there are ephemeral cells, which change without one, with a hash of these behind it.
    let tag: String

    /// - Parameter passing: those of the cells that change without a commit.
    /// - Complexity: O(bytes of `passing`).
    init(seq: UInt64, cells: Object, passing: Object) {
        self.seq = seq
        self.cells = cells
        guard !passing.isEmpty else {
            tag = String(seq)
            return
        }
        tag = "\(seq)-\(SHA256.hash(JSON.bytes(.object(passing))).hex.prefix(16))"
    }
}

extension RecipeLibrary {
    /// The ephemeral cells of a room, in order of their ids; all cells where the room runs a version that is not here.
    func passingCells(of room: RoomDescription) -> Object {
        let recipe = entry(named: room.recipe.name, room: room.id)?.recipe
        var passing: [(key: String, value: Value)] = []
        if let recipe, recipe.hash == room.recipe.hash {
            guard recipe.cells.values.contains(where: \.isEphemeral) else { return Object() }
            for (id, value) in room.cells where recipe.declaration(ofCell: id)?.isEphemeral == true {
                passing.append((id, value))
            }
        } else {
            passing = room.cells.map { ($0.key, $0.value) }
        }
        return Object(passing.sorted { $0.key < $1.key })
    }
}
