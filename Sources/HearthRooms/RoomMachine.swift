package import HearthRecipes
package import HearthStore
package import HearthValues

/// API (implementation under way):
/// ```
/// init(opening: RoomOpening, runtime: RecipeRuntime, limits: RoomLimits, now: Int64) throws(RoomError)
/// func handle(_ input: RoomInput, now: Int64)      // queues work or acts; never blocks
/// func turn(now: Int64)                            // runs what waits, up to the batch limit; emits .persist
/// var hasWork: Bool                                // more turns are wanted
/// func takeOutputs() -> [RoomOutput]               // call after handle/turn; carry out in order
/// var canSleep: Bool                               // nothing attached, queued or unwritten: may be dropped and loaded again
/// var nextDue: Int64?
/// func describe() -> RoomDescription               // for HTTP: seq, epoch, recipe, cells, participants
/// enum RoomOpening { case create(id: String, input: Value, epoch: String, seed: UInt64), load(StoredRoom, seed: UInt64) }
/// ```
