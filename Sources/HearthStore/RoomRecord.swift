/// What the store keeps of a room whether it is awake or asleep.
package struct RoomRecord: Sendable, Hashable {
    package var id: String
    package var recipe: String
    package var recipeVersion: Int64
    /// Changes when the room's history is not the one that a client may have seen (restored, imported).
    package var epoch: String
    /// The seq of the newest fact; 0 before the first.
    package var seq: UInt64
    /// The id of the newest fact; `Hash.zero` before the first.
    package var head: Hash
    /// Milliseconds since 1970, as the room's clock told.
    package var createdAt: Int64
    /// Milliseconds since 1970 of the last write that named a time.
    package var updatedAt: Int64

    package init(
        id: String, recipe: String, recipeVersion: Int64, epoch: String, seq: UInt64 = 0, head: Hash = .zero,
        createdAt: Int64, updatedAt: Int64
    ) {
        self.id = id
        self.recipe = recipe
        self.recipeVersion = recipeVersion
        self.epoch = epoch
        self.seq = seq
        self.head = head
        self.createdAt = createdAt
        self.updatedAt = updatedAt
    }
}
