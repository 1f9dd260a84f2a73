import HearthRecipes
import HearthRooms
import HearthStore
import HearthValues
import Logging
import NIOCore

/// Drives one room's machine: gives it inputs and the time, carries out what it says, and lets it run in turns.
///
/// Everything that happens within one turn of the loop is gathered: events run as one batch, commits become one buffer
/// per audience, and each socket gets one write.
final class RoomDriver: @unchecked Sendable {
    // @unchecked because it is only touched on `loop`; what comes back from other threads goes there by way of `home`.
    let room: String
    let recipe: String
    let machine: RoomMachine
    let host: RoomHost
    /// The shard that the room's name leads to. Whoever comes back from another thread asks it where the room is.
    unowned let home: RoomShard
    /// Where the room is: there, or in the slow lane.
    private(set) unowned var shard: RoomShard
    /// What is planned on the loop of `shard`, as long as the room is on it.
    private(set) var stay = Stay()
    var seats: [Seat?] = []
    var freeSeats: [ConnectionID] = []
    var seatCount = 0
    var calls: [UInt64: (Result<Ack, Failure>) -> Void] = [:]
    /// Tokens of calls; 0 is the room's creation.
    private var lastToken: UInt64 = 0
    /// Writes that the store has.
    var writesUnderWay = 0
    var isTurnScheduled = false
    /// The recipe could not go to the slow lane: what was laid by here has to end here.
    var hasToStay = false
    /// The room went to sleep, was deleted, or never came to be; here it is only left.
    private(set) var isForgotten = false
    /// No new work is taken; what is under way ends.
    private(set) var isDraining = false
    /// What came meanwhile. It goes on when the room stays after all, and is told when it does not.
    private(set) var keptBack: [(Seat, SeatInput)] = []
    /// A client that sends on while the disk is slow is cut off rather than kept in memory.
    static let keptBackMax = 20_000
    var onQuiet: [() -> Void] = []
    var wake: Scheduled<Void>?
    var lastUsedMs = WallClock.nowMs()
    var sink = ByteSink(keepsKeys: true)
    /// What the server's counters know of this room.
    private var counted = RoomStats()
    var logQuota = LogQuota()
    /// Who is to be told how the room took a version, by generation.
    var awaitedReloads: [UInt64: Reloaded] = [:]
    /// How long the room stood still for the last one.
    var lastSwap = TimeAmount.zero
    /// What has to be sent before this turn is over.
    var touched: [Audience] = []
    var addressed: [Seat] = []
    var untold = Untold()

    init(room: String, machine: RoomMachine, shard: RoomShard) {
        self.room = room
        self.recipe = machine.recipe.name
        self.machine = machine
        self.host = shard.host
        self.home = shard.home
        self.shard = shard
    }

    var loop: any EventLoop { shard.loop }

    /// Something happened to the room.
    func handle(_ input: RoomInput) {
        take(input)
        scheduleTurn()
    }

    /// Another room, not a socket, wants something: two rooms that write to each other must not keep the rest waiting.
    func handleLater(_ input: RoomInput) {
        take(input)
        scheduleNextTurn()
    }

    private func take(_ input: RoomInput) {
        let now = WallClock.nowMs()
        lastUsedMs = now
        machine.handle(input, now: now)
        carryOut(machine.takeOutputs())
    }

    /// Whatever else arrives in this turn of the loop joins the same batch.
    func scheduleTurn() {
        guard !isTurnScheduled else { return }
        isTurnScheduled = true
        loop.execute { [stay] in if !stay.isOver { self.turn() } }
    }

    /// The next turn of a room that has more to do than one turn takes, or whose timers are due.
    func scheduleNextTurn() {
        guard !isTurnScheduled else { return }
        isTurnScheduled = true
        shard.turns.add { [stay] in if !stay.isOver { self.turn() } }
    }

    /// What the room still has to do waits until its write is on disk and the loop has looked at its sockets.
    func goOn() {
        if machine.hasWork, writesUnderWay == 0 { scheduleNextTurn() }
        if isQuiet { settle() }
        host.counters.add(machine.stats, since: counted)
        counted = machine.stats
    }

    func persisted(_ ticket: UInt64, _ result: Result<Void, StoreError>) {
        loop.preconditionInEventLoop()
        writesUnderWay -= 1
        machine.handle(.persisted(ticket: ticket, result), now: WallClock.nowMs())
        carryOut(machine.takeOutputs())
        flush()
        goOn()
    }

    // MARK: - Seats

    func receive(_ input: SeatInput, from seat: Seat) {
        guard !isDraining else { return keepBack(input, from: seat) }
        switch input {
        case .join(let join):
            seat.isJoining = true
            handle(.join(seat.id, join))
        case .event(let event):
            seat.asked.append((event.id, .now()))
            handle(.event(seat.id, event))
        case .message(let type, let message): handle(.message(seat.id, type: type, message))
        case .missedMessages: catchUp(seat)
        case .refusedEvent(let id, let failure): handle(.refusedEvent(seat.id, id: id, failure))
        case .answer(let ask, let data): handle(.answer(seat.id, ask: ask, data: data))
        case .set(let cell, let value): handle(.set(seat.id, cell: cell, value: value))
        case .syncRequest:
            // The answer that is on its way is for this one too: else a few bytes would cost the whole state each time.
            guard !seat.awaitsSync else { return }
            seat.awaitsSync = true
            handle(.syncRequest(seat.id))
        case .identify(let identity): handle(.identify(seat.id, identity))
        case .leave: handle(.leave(seat.id))
        }
    }

    private func keepBack(_ input: SeatInput, from seat: Seat) {
        if keptBack.count < Self.keptBackMax { return keptBack.append((seat, input)) }
        var bags = Mailbags()
        bags.add([.close(.overrun(waiting: keptBack.count))], for: seat)
        bags.dispatch()
    }

    func admit(_ seat: Seat) {
        if let free = freeSeats.popLast() {
            seat.id = free
            seats[free] = seat
        } else {
            seat.id = seats.count
            seats.append(seat)
        }
        seat.driver = self
        seatCount += 1
        lastUsedMs = WallClock.nowMs()
    }

    /// The socket is gone. Whoever is still entering keeps its number until the room has answered.
    func leave(_ seat: Seat) {
        seat.isGone = true
        if !seat.isJoining { vacate(seat) }
    }

    func vacate(_ seat: Seat) {
        guard seat.id < seats.count, seats[seat.id] === seat else { return }
        seat.isJoining = false
        seat.audience?.detach(seat.id)
        handle(.disconnected(seat.id))
        seats[seat.id] = nil
        freeSeats.append(seat.id)
        seatCount -= 1
        seat.driver = nil
        if seatCount == 0 { (seats, freeSeats) = ([], []) }
    }

    func seat(_ connection: ConnectionID) -> Seat? {
        connection >= 0 && connection < seats.count ? seats[connection] : nil
    }

    // MARK: - Calls and rest

    func call(_ call: ServerCall, answer: @escaping (Result<Ack, Failure>) -> Void) {
        guard !isDraining else { return answer(.failure(host.isDraining ? .shuttingDown : .beingDeleted)) }
        lastToken += 1
        calls[lastToken] = answer
        handle(.call(token: lastToken, call))
    }

    /// Nothing runs, waits or is being written.
    var isQuiet: Bool { !machine.hasWork && writesUnderWay == 0 && !isTurnScheduled && untold.seats.isEmpty }

    /// Nobody is there either.
    var isAtRest: Bool { isQuiet && seatCount == 0 }

    /// Takes no more work; `then` follows when what is under way has ended.
    func drain(then: @escaping () -> Void) {
        isDraining = true
        finishFanOut()
        onQuiet.append(then)
        handle(.draining(true))
    }

    /// The room stays after all: it takes up what came meanwhile.
    func endDraining() {
        isDraining = false
        handle(.draining(false))
        takeUp()
    }

    /// The room is gone: who is there is sent away, and who was about to enter is told so.
    func endDeleted() {
        isDraining = false
        handle(.close(.deleted))
        keptBack.removeAll { if case .join = $0.1 { false } else { true } }
        takeUp()
    }

    private func takeUp() {
        let inputs = keptBack
        keptBack = []
        for (seat, input) in inputs where !seat.isGone { receive(input, from: seat) }
    }

    /// Nobody is to find the room here any more, nor does it wake by itself.
    func forget() {
        isForgotten = true
        setWake(at: nil)
        giveUpReloads()
    }

    private func settle() {
        guard !onQuiet.isEmpty else { return }
        let waiting = onQuiet
        onQuiet = []
        for done in waiting { done() }
    }

    /// May the room be put to sleep? Not while someone is there, nor when it has something to do soon.
    func maySleep(now: Int64, idleMs: Int64) -> Bool {
        guard seatCount == 0, calls.isEmpty, isQuiet, machine.canSleep, now - lastUsedMs >= idleMs else { return false }
        return machine.nextDue.map { $0 > now + 10_000 } ?? true
    }

    func setWake(at due: Int64?) {
        wake?.cancel()
        wake = nil
        guard let due, !isForgotten else { return }
        // The loop's clock is another: whatever somebody does to the machine's, a minute later it is noticed.
        let delay = min(60_000, max(1, due - WallClock.nowMs()))
        wake = loop.scheduleTask(in: .milliseconds(delay)) { [stay] in
            // A loop may have begun with what is due when one of it is cancelled.
            guard !stay.isOver else { return }
            self.wake = nil
            self.tick()
        }
    }

    /// Tells the room the time.
    func tick() {
        machine.handle(.tick, now: WallClock.nowMs())
        carryOut(machine.takeOutputs())
        if wake == nil { setWake(at: machine.nextDue) }
        flush()
        goOn()
    }

    // MARK: - Changing loops

    /// Whether the room is still on the loop that something was planned on.
    final class Stay: @unchecked Sendable {
        // @unchecked because it is only touched on that loop.
        fileprivate(set) var isOver = false
    }

    /// Leaves nothing behind on this loop that would touch the room.
    func leaveLoop() {
        loop.preconditionInEventLoop()
        flush()
        finishFanOut()
        setWake(at: nil)
        stay.isOver = true
    }

    func settle(on shard: RoomShard) {
        shard.loop.preconditionInEventLoop()
        self.shard = shard
        stay = Stay()
        untold.isScheduled = false
        isTurnScheduled = false
        setWake(at: machine.nextDue)
        scheduleTurn()
    }

    /// Does something when the loop has done what it is at, wherever the room is then.
    func later(_ body: @escaping @Sendable () -> Void) {
        let home = home
        let room = room
        home.loop.execute { home.reach(room) { _ in body() } }
    }
}

extension Failure {
    static let beingDeleted = Failure(
        code: "room_closed", message: "the room is being deleted", retryable: true)
    static let shuttingDown = Failure(
        code: "shutting_down", message: "the server is restarting; come back in a moment", retryable: true)
}
