import HearthRecipes
import HearthRooms
import HearthValues
import NIOCore

/// What a client asks of its room, once the wire has checked its form.
enum SeatInput: Sendable {
    case join(Join)
    case event(Event)
    /// A raw JSON message.
    case message(type: String, Value)
    /// A reader of raw JSON was too slow and missed messages; now it has caught up.
    case missedMessages
    /// An event that the wire refused; the room gives the answer, in its turn.
    case refusedEvent(id: Int64, Failure)
    case answer(ask: String, data: Value)
    case set(cell: String, value: Value)
    case syncRequest
    case identify(Identity)
    case leave
}

/// What a room tells a socket to do, beside sending what goes to a whole audience.
enum SocketOrder: Sendable {
    case send(Parcel)
    /// The session is known: it joins the socket's log lines.
    case joined(session: String)
    /// An answer with this code has been sent; too many of them end the socket.
    case rateLimited
    case badMessage
    /// Break the connection off without a word: a planned fault.
    case cut
    /// What there is to say has been sent; close.
    case close(Closing)
}

/// What a socket speaks.
enum Dialect: Sendable {
    /// `hearth.v1`
    case hearth
    /// Raw JSON objects, as PartySocket clients send them.
    case party
}

/// A socket as its room sees it: one chair at the table. Lives on the room's event loop.
final class Seat: @unchecked Sendable {
    // @unchecked because it is only touched on the room's event loop; the links to it are handed across loops.
    let room: String
    let trace: String
    /// The peer's address, for the log.
    let remote: String
    let socket: NIOLoopBound<SocketHandler>
    let socketLoop: any EventLoop
    let dialect: Dialect
    /// The window that its peer decompresses with; nil without compression.
    let windowBits: Int?
    /// How its room is to be had.
    let mode: RoomOpenMode
    var driver: RoomDriver?
    var id: ConnectionID = -1
    /// What came before the room was there to take it.
    var waiting: [SeatInput] = []
    var session: String?
    var audience: Audience?
    /// Takes several messages in one frame.
    var isBatch = false
    /// The room has its `join` and has not answered yet.
    var isJoining = false
    /// It has asked for the state, and the room has not answered yet.
    var awaitsSync = false
    /// The socket is gone.
    var isGone = false

    /// Events that have not been answered, with the times at which they came.
    var asked = CircularBuffer<(id: Int64, at: NIODeadline)>(initialCapacity: 1)

    // What it is sent this turn, apart from its audience's frames.
    /// Where in the audience's frames this seat's part begins.
    var sharedFrom = 0
    var own: [(position: Int, Item)] = []
    /// It has got all that it gets this turn.
    var isServed = false

    enum Item {
        case letter(Letter)
        /// A message of the moment: left out while the reader is behind.
        case passing(Letter)
        case order(SocketOrder)
    }

    init(
        room: String, trace: String, remote: String, socket: NIOLoopBound<SocketHandler>, socketLoop: any EventLoop,
        dialect: Dialect = .hearth, windowBits: Int? = nil, mode: RoomOpenMode = .existing
    ) {
        self.room = room
        self.trace = trace
        self.remote = remote
        self.socket = socket
        self.socketLoop = socketLoop
        self.dialect = dialect
        self.windowBits = windowBits
        self.mode = mode
    }
}

extension Seat {
    /// An event has its answer; those before it have theirs, or never get one here.
    func noteAnswer(to id: Int64, _ timing: Timing) {
        while let first = asked.first, first.id <= id {
            if first.id == id { timing.note(since: first.at) }
            asked.removeFirst()
        }
    }

    var frames: SharedFrames? { audience?.scratch as? SharedFrames }

    func pressing(_ press: FramePress?) -> Pressing? {
        guard let press, let windowBits else { return nil }
        return Pressing(press: press, windowBits: windowBits)
    }

    /// What this seat gets this turn, in the order in which the room said it.
    ///
    /// Parts that are its own and parts of its audience's frames become one parcel, except around a `sync`, which
    /// changes what a slow reader may be sent.
    ///
    /// - Parameter press: compresses for those who agreed to it.
    func takeOrders(_ press: FramePress? = nil) -> [SocketOrder] {
        let pressing = pressing(press)
        let frames = frames
        let end = frames?.position ?? 0
        var orders: [SocketOrder] = []
        var parcel = ParcelBuilder(isBatch: isBatch, pressing: pressing)
        var from = sharedFrom
        for (position, item) in own {
            if let frames, from < position { parcel.add(frames, from..<position) }
            from = max(from, position)
            switch item {
            case .letter(let letter) where letter.isSync:
                parcel.finish(into: &orders)
                orders.append(.send(.sync(letter.frame(pressing))))
            case .letter(let letter): parcel.add(letter)
            case .passing(let letter): parcel.add(letter, isPassing: true)
            case .order(let order):
                parcel.finish(into: &orders)
                orders.append(order)
            }
        }
        if let frames, from < end { parcel.add(frames, from..<end) }
        parcel.finish(into: &orders)
        own.removeAll(keepingCapacity: true)
        sharedFrom = 0
        return orders
    }
}
