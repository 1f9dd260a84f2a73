import HearthRecipes
import HearthValues

/// What waits in a room's mailbox: everything that runs a handler or must keep its place among those that do.
enum Work {
    case create(input: Value, CallKey?)
    indirect case join(ConnectionID, Join)
    case event(Session, ConnectionID, Event, at: Int64)
    case refusedEvent(Session, ConnectionID, Int64, Failure)
    case message(Session, type: String, Value, at: Int64)
    /// The first event in the queue of a session whose handler has waited.
    case queued(Session)
    case sync(ConnectionID)
    case identify(ConnectionID, Identity)
    case leave(Session, ConnectionID?)
    case expire(Session)
    case timer(id: String)
    case call(token: UInt64, ServerCall)
    case delivery(Delivery)
    case outgoingDone(id: String)
    case settled(id: String)
    case idle
    case reload(RoomReload)
    case close(RoomClosing)
}

/// What a commit is made for: who asked, and under which name it goes into the log.
struct Cause {
    /// The session whose event it is; nil for timers, deliveries and server calls.
    var session: String?
    /// The name on the wire and in the fact: an event's name, or `join`, `leave`, `create`, a timer's handler.
    var event: String
    /// The session's number of the event; nil where there is none.
    var eventID: Int64?
    var data: Value
    var at: Int64
    var seed: UInt64
}
