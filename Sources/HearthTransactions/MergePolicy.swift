/// What to do with a cell that two transactions changed.
package enum MergePolicy: Sendable, Hashable {
    /// The later transaction is rolled back and runs again.
    case conflict
    /// The later transaction's writes are made on top of the other's.
    case lastWrite
    /// The larger number stays; in objects key by key.
    case max
    /// A pure function of the recipe, `(base, mine, theirs) -> merged or nil`, named by a handle that means something
    /// to the caller of `Transaction.finish` only.
    case custom(Int)
}
