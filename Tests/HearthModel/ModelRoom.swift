import HearthLua
import HearthRecipes
import HearthRooms
import HearthStore
import HearthValues

/// A room driven by a schedule, and what it said.
final class ModelRoom {
    struct Said {
        /// The cells that a replica shows after each commit, by `seq`.
        var shown: [UInt64: Object] = [:]
        var facts: [UInt64: Fact] = [:]
        var acks: [EventID: Ack] = [:]
        var errors: [EventID: Failure] = [:]
        var faults: [String] = []
    }

    struct EventID: Hashable {
        var participant: Int
        var number: Int64
    }

    private final class Participant {
        var connection: ConnectionID
        var session = ""
        var secret = ""
        var sent: [(id: Int64, program: Program)] = []
        var asks: [Ask] = []
        init(_ connection: ConnectionID) { self.connection = connection }
    }

    private let machine: RoomMachine
    /// One of each version of the recipe.
    private let runtimes: [RecipeRuntime]
    private var generation: UInt64 = 0
    private var participants: [Participant] = []
    private var connections: [ConnectionID: Int] = [:]
    private var replica = Value.object(Object())
    private var seq: UInt64 = 0
    private var observer: ConnectionID = 0
    private var nextConnection = 0
    private var now: Int64 = 1_000_000
    private var refuses = false
    private(set) var said = Said()
    var stats: RoomStats { machine.stats }

    init(_ schedule: Schedule, seed: UInt64, runtimes: [RecipeRuntime], checksRollback: Bool) throws {
        var limits = RoomLimits()
        limits.checksRollback = checksRollback
        limits.storageRetryMs = 0
        limits.aloneMsMax = 20
        // In every fourth schedule hardly a commit is remembered.
        if seed % 4 == 0 { limits.backlogBytesMax = 3_000 }
        if schedule.conflicts > 0 {
            var faults = RoomFaults()
            faults.seed = seed
            faults.conflict = schedule.conflicts
            limits.faults = faults
        }
        self.runtimes = runtimes
        machine = try RoomMachine(
            opening: .create(id: "m", input: .null, epoch: "e", seed: seed), runtime: runtimes[0],
            limits: limits, now: now)
        drive()
        observer = connect(resume: nil)
        for place in 0..<schedule.participants {
            participants.append(Participant(-1))
            attach(place, resume: nil)
        }
    }

    func run(_ schedule: Schedule) throws {
        for event in schedule.events { try happen(event) }
        // Whoever still waits gets its answers, then time.
        for _ in 0..<400 where !isDone {
            for place in participants.indices { answer(place) }
            pass(1)
        }
        if !isDone { said.faults.append("an event was never answered") }
    }

    func program(of event: EventID) -> Program? {
        participants[event.participant].sent.first { $0.id == event.number }?.program
    }

    func participant(ofSession session: String) -> Int? { participants.firstIndex { $0.session == session } }

    var sent: [EventID] {
        participants.indices.flatMap { place in
            participants[place].sent.map { EventID(participant: place, number: $0.id) }
        }
    }

    private var isDone: Bool { sent.allSatisfy { said.acks[$0] != nil || said.errors[$0] != nil } }

    // MARK: - What happens

    private func happen(_ event: Schedule.Event) throws {
        switch event {
        case .send(let place, let program):
            let participant = participants[place]
            let id = Int64(participant.sent.count) + 1
            participant.sent.append((id, program))
            send(id, program, participant)
        case .pass(let ms): pass(ms)
        case .answer(let place): answer(place)
        case .discard: for runtime in runtimes { try runtime.discardVM() }
        case .reconnect(let place):
            let participant = participants[place]
            machine.handle(.disconnected(participant.connection), now: now)
            connections[participant.connection] = nil
            drive()
            attach(place, resume: participant.secret)
            // What was not answered is sent again; what was decided meanwhile gets its first answer.
            for (id, program) in participant.sent where said.acks[EventID(participant: place, number: id)] == nil {
                send(id, program, participant)
            }
        case .refuseWrite: refuses = true
        case .reload(let version):
            generation += 1
            machine.reload(RoomReload(runtimes[version], generation: generation), now: now)
        }
        drive()
    }

    private func send(_ id: Int64, _ program: Program, _ participant: Participant) {
        let data = program.data(sessions: participants.map(\.session))
        machine.handle(.event(participant.connection, Event(id: id, name: "run", data: data)), now: now)
    }

    private func pass(_ ms: Int) {
        for _ in 0..<ms {
            now += 1
            machine.handle(.tick, now: now)
            drive()
        }
    }

    private func answer(_ place: Int) {
        guard !participants[place].asks.isEmpty else { return }
        let ask = participants[place].asks.removeFirst()
        guard case .int(let question) = ask.data, let reply = Checker.answer(to: Int(question)) else { return }
        machine.handle(.answer(participants[place].connection, ask: ask.id, data: .int(Int64(reply))), now: now)
        drive()
    }

    private func connect(resume: String?) -> ConnectionID {
        nextConnection += 1
        let fresh = SessionCredentials(id: "s\(nextConnection)", secret: "x\(nextConnection)")
        machine.handle(.join(nextConnection, Join(resume: resume, trace: "t", fresh: fresh)), now: now)
        let connection = nextConnection
        drive()
        return connection
    }

    private func attach(_ place: Int, resume: String?) {
        connections[nextConnection + 1] = place
        participants[place].connection = connect(resume: resume)
    }

    // MARK: - What it says

    private func drive() {
        carryOut()
        while machine.hasWork {
            machine.turn(now: now)
            carryOut()
        }
    }

    private func carryOut() {
        var outputs = machine.takeOutputs()
        while !outputs.isEmpty {
            for output in outputs { carryOut(output) }
            outputs = machine.takeOutputs()
        }
    }

    private func carryOut(_ output: RoomOutput) {
        switch output {
        case .joined(let connection, let joined):
            joined.audience.attach(connection)
            if connection == observer || observer == 0 {
                replica = .object(joined.cells ?? Object())
                seq = joined.seq
                said.shown[seq] = joined.cells
            } else if let place = connections[connection] {
                participants[place].session = joined.session
                participants[place].secret = joined.resume
                participants[place].asks = []
            }
        case .commit(let notice, let audience):
            guard audience.connections.contains(where: { $0 == observer }) else { return }
            if notice.seq != seq + 1 { said.faults.append("commit \(notice.seq) came after \(seq)") }
            seq = notice.seq
            do { try notice.patch.apply(to: &replica) } catch {
                said.faults.append("commit \(notice.seq) does not apply: \(error)")
            }
            said.shown[seq] = replica.object
        case .ack(let connection, let ack): note(ack, connection)
        case .error(let connection, let id, let failure):
            guard let place = connections[connection], let id else { return }
            said.errors[EventID(participant: place, number: id)] = failure
        case .ask(let connection, let ask):
            guard let place = connections[connection] else { return }
            participants[place].asks.append(ask)
        case .persist(let write, let ticket):
            if refuses, write.create == nil, write.facts.count > 0 {
                refuses = false
                machine.handle(.persisted(ticket: ticket, .failure(.full(detail: "model"))), now: now)
            } else {
                for fact in write.facts { said.facts[fact.seq] = fact }
                machine.handle(.persisted(ticket: ticket, .success(())), now: now)
            }
        case .snapshot(let snapshot):
            machine.handle(.snapshotWritten(bytes: snapshot.written().state.count), now: now)
        case .reloaded(let report):
            if case .refused(let failure) = report.outcome { said.faults.append("a reload failed: \(failure)") }
        default: break
        }
    }

    private func note(_ ack: Ack, _ connection: ConnectionID) {
        guard let place = connections[connection] else { return }
        let id = EventID(participant: place, number: ack.id)
        if let first = said.acks[id], first != ack { said.faults.append("two answers: \(first) and \(ack)") }
        said.acks[id] = ack
    }
}
