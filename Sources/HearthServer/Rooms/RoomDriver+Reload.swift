import HearthRecipes
import HearthRooms
import HearthValues
import HearthWire
import Logging
import NIOCore

/// Other versions of the recipe in one room.
extension RoomDriver {
    typealias Reloaded = (ReloadReport, _ microseconds: Int) -> Void

    /// - Parameter told: follows when what the room made of it is on disk, or at once when it made nothing of it.
    func reload(_ reload: RoomReload, told: @escaping Reloaded) {
        awaitedReloads[reload.generation] = told
        machine.reload(reload, now: WallClock.nowMs())
        carryOut(machine.takeOutputs())
        scheduleTurn()
    }

    /// A change of recipe has a turn of its own: its time is the time for which the room stood still.
    func noteSwap(since stats: RoomStats, _ start: NIODeadline) {
        let now = machine.stats
        guard now.reloads != stats.reloads || now.reloadsRefused != stats.reloadsRefused else { return }
        lastSwap = NIODeadline.now() - start
        host.counters.swapTime.note(nanoseconds: lastSwap.nanoseconds)
    }

    func reloaded(_ report: ReloadReport) {
        let microseconds = Int(lastSwap.nanoseconds / 1_000)
        defer { awaitedReloads.removeValue(forKey: report.generation)?(report, microseconds) }
        var fields: Logger.Metadata = [
            "room": "\(room)", "recipe": "\(report.to.name)", "from": "\(report.from.version)",
            "to": "\(report.to.version)", "us": "\(microseconds)",
        ]
        switch report.outcome {
        case .passedOver: return
        case .refused(let failure):
            fields["cause"] = "\(failure.message)"
            fields["source"] = "\(failure.details.object?["source"]?.string ?? "-")"
            host.logger.error("room keeps the version that it runs", metadata: fields)
        case .swapped(let seq, let migrated):
            fields["seq"] = "\(seq.map(String.init) ?? "-")"
            fields["migrated"] = "\(migrated)"
            fields["waiting"] = "\(report.reattached)"
            host.logger.info("room reloaded", metadata: fields)
            guard report.lostWaits > 0 || !report.lostTimers.isEmpty else { return }
            fields["lost_waits"] = "\(report.lostWaits)"
            fields["lost_timers"] = "\(report.lostTimers.prefix(10).joined(separator: ", "))"
            host.logger.warning("handlers are gone that something was bound to", metadata: fields)
        }
    }

    /// The room goes to sleep or is deleted; nobody will hear of it any more.
    func giveUpReloads() {
        for (generation, told) in awaitedReloads {
            told(
                ReloadReport(
                    generation: generation, from: machine.recipe, to: machine.recipe, outcome: .passedOver), 0)
        }
        awaitedReloads = [:]
    }

    /// To everyone who is in: the recipe was saved, and is wrong; or right again. For authors, whose server says so.
    func tellProblems(_ problems: [RecipeProblem]) {
        var sink = ByteSink()
        ServerMessage.recipeError(problems.map(\.json), into: &sink)
        for seat in seats {
            if let seat, !seat.isJoining, seat.session != nil, seat.dialect == .hearth {
                add(.letter(Letter(payload: sink.bytes, isSync: false)), to: seat)
            }
        }
        flush()
    }
}
