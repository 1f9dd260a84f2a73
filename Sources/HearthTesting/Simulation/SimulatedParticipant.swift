import HearthRooms
package import HearthValues
import HearthWire

/// A participant without a socket. What it says goes through the wire's encoding to the room, and all that it knows it
/// has read in frames: it keeps a replica, sends again after a drop what was not answered, and answers questions.
package final class SimulatedParticipant {
    package let place: Int
    /// How stories and reports call it.
    package let label: String
    unowned let room: SimulatedRoom
    let identity: Identity?
    let name: String?

    /// Nil while it has no socket.
    var connection: ConnectionID?
    var secret: String?
    var epoch: String?
    package private(set) var session = ""
    package internal(set) var seq: UInt64 = 0
    package var replica = Value.object(Object())
    /// Whether it has been given the whole state since its page was loaded.
    var hasReplica = false
    /// Rises whenever the replica changes.
    package internal(set) var replicaVersion = 0
    private var nextEvent: Int64 = 1
    /// Sent and not answered, in their order.
    var unanswered: [EventFields] = []
    /// What it sent last, answered or not.
    var lastSent: EventFields?
    /// Whether `joined` has come on this connection: until then events wait, as what was sent before comes first.
    private var hasEntered = false
    /// The next event is lost on its way, and the socket with it.
    package var losesNextEvent = false
    /// Whether the room sends it no changes until it has sent it everything.
    var isBehind = false
    /// Whether the next whole state may differ from the replica, because changes were left out.
    var isOwedState = false
    /// By event id, the `ack` or `error` that answered it.
    package internal(set) var answers: [Int64: Object] = [:]
    /// Frames that are on their way to it.
    var inbox: [IncomingFrame] = []
    /// Questions that it has been asked and has not answered yet.
    package var asks: [Object] = []
    /// What it has been asked, as stories tell it, by the ids of the questions.
    var questions: [String: String] = [:]
    package internal(set) var signals: [Value] = []
    package internal(set) var errors: [Value] = []
    package internal(set) var commits: [Value] = []
    /// Why its socket was closed, or its `join` refused.
    package internal(set) var farewell: Object?
    /// What should never happen: a commit that is missing or does not apply.
    package internal(set) var faults: [String] = []

    init(place: Int, label: String, room: SimulatedRoom, name: String?, identity: Identity?) {
        self.place = place
        self.label = label
        self.room = room
        self.name = name
        self.identity = identity
    }

    package var isConnected: Bool { connection != nil }
    /// Whether something is on its way to it.
    package var hasFrames: Bool { !inbox.isEmpty && !isBehind }

    // MARK: - Speaking

    /// Sends an event without waiting for its answer.
    ///
    /// - Returns: the event's id, under which `answers` will have its answer.
    package func start(_ event: String, _ data: Value) -> Int64 {
        let fields = EventFields(id: nextEvent, name: event, data: data)
        nextEvent += 1
        unanswered.append(fields)
        lastSent = fields
        room.note("\(label), who has seen commit \(seq), sends `\(event)` \(JSON.text(data))")
        guard hasEntered, connection != nil else { return fields.id }
        if losesNextEvent { loseEvent(event) } else { post(.event(fields)) }
        return fields.id
    }

    package func answer(_ ask: String, _ data: Value) {
        room.note("\(label) answers \(questions[ask].map { "`\($0)` with " } ?? "")\(JSON.text(data))")
        post(.answer(ask: ask, data: data))
    }

    package func set(_ cell: String, _ value: Value) {
        post(.set(cell: cell.contains("@") ? cell : "\(cell)@\(session)", value: value))
    }

    /// Says a raw JSON message, as a PartySocket client does.
    package func message(_ message: Value) {
        guard let connection, let type = message.object?["type"]?.string else { return }
        room.note("\(label) says \(JSON.text(message))")
        room.handle(.message(connection, type: type, message))
    }

    func askForEverything() { post(.syncRequest) }

    package func leave() {
        room.note("\(label) leaves")
        post(.leave)
    }

    /// Loses its socket; its session waits for it.
    package func disconnect() {
        guard let connection else { return }
        room.note("\(label) loses the connection")
        room.handle(.disconnected(connection))
        forgetConnection()
    }

    /// Enters the room: for the first time, or again with its session.
    ///
    /// - Parameter keepsReplica: false for a page that was loaded anew.
    package func enter(keepsReplica: Bool) {
        if connection != nil { disconnect() }
        if secret != nil { room.note(keepsReplica ? "\(label) comes back" : "\(label) loads the page anew") }
        if !keepsReplica {
            replica = .object(Object())
            hasReplica = false
        }
        farewell = nil
        let connection = room.connect(self)
        self.connection = connection
        let knows = keepsReplica && secret != nil && hasReplica
        let fields = JoinFields(
            resume: secret, since: knows ? seq : nil, epoch: knows ? epoch : nil, name: secret == nil ? name : nil)
        post(.join(fields))
    }

    func forgetConnection() {
        if let connection { room.hangUp(connection) }
        connection = nil
        hasEntered = false
        isBehind = false
        isOwedState = false
        inbox = []
        asks = []
    }

    func post(_ message: ClientMessage) {
        guard let connection else { return }
        var sink = ByteSink()
        message.write(into: &sink)
        room.receive(sink.bytes, from: self, on: connection)
    }

    // MARK: - What `joined` says

    func takeUp(session: String, secret: String, epoch: String, resumed: Bool, lastEvent: Int64) {
        let isNew = session != self.session
        self.session = session
        self.secret = secret
        self.epoch = epoch
        if isNew {
            for event in unanswered {
                settle(
                    event.id, ["code": "session_lost", "message": "the session ended while this event was under way"])
            }
            nextEvent = lastEvent + 1
        }
        nextEvent = max(nextEvent, lastEvent + 1)
        hasEntered = true
        for event in unanswered { post(.event(event)) }
    }

    func settle(_ id: Int64, _ answer: Object) {
        unanswered.removeAll { $0.id == id }
        if answers[id] == nil { answers[id] = answer }
    }
}

/// A frame on its way to a participant.
struct IncomingFrame {
    var bytes: [UInt8]
    /// Whether it tells many of a change, and is left out for who reads too slowly.
    var isChange = false
}
