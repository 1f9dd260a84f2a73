/// The check that facts follow one another.
package enum FactChain {
    /// Checks that each fact is intact and follows the one before it, the first of them following `snapshot`.
    /// - Parameters:
    ///   - snapshot: nil for facts from the very first.
    ///   - position: where the last of them has to arrive; nil when that is not known.
    /// - Throws: `corrupt`, naming the room and the first seq at fault.
    /// - Complexity: O(bytes).
    package static func check(
        _ facts: [Fact], after snapshot: StoredSnapshot?, room: String, reaching position: RoomPosition?
    ) throws(StoreError) {
        var last = RoomPosition(seq: snapshot?.seq ?? 0, head: snapshot?.head ?? .zero)
        for fact in facts {
            if let fault = fault(of: fact, after: last) {
                throw .corrupt(room: room, seq: last.seq + 1, detail: fault)
            }
            last = RoomPosition(seq: fact.seq, head: fact.id)
        }
        guard let position, position != last else { return }
        let detail =
            position.seq == last.seq
            ? "the room's head is not the id of its newest fact"
            : "the log ends at seq \(last.seq), the room is at \(position.seq)"
        throw .corrupt(room: room, seq: min(last.seq + 1, position.seq), detail: detail)
    }

    /// What is wrong with a fact that should follow `position`, or nil.
    package static func fault(of fact: Fact, after position: RoomPosition) -> String? {
        if fact.seq != position.seq + 1 { return "fact \(fact.seq) stands where \(position.seq + 1) should" }
        if fact.parent != position.head { return "the fact's parent is not the fact before it" }
        if !fact.isIntact { return "the fact's id is not the hash of its content" }
        return nil
    }
}
