import HearthValues

/// What happens to a model room, in order: enough to have the same again.
package struct Schedule: Sendable, Equatable {
    package enum Event: Sendable, Equatable {
        case send(participant: Int, Program)
        /// Milliseconds pass.
        case pass(Int)
        /// A participant answers what it was asked longest ago.
        case answer(participant: Int)
        /// The Lua VM is thrown away.
        case discard
        /// A socket is lost, and its participant returns.
        case reconnect(participant: Int)
        /// The next write is refused by the disk.
        case refuseWrite
        /// The recipe is reloaded: one of the versions of the model's recipe.
        case reload(version: Int)
    }

    package var participants: Int
    /// How likely a commit meets a conflict that nobody caused, 0 to 1.
    package var conflicts: Double
    package var events: [Event]

    package static func random(seed: UInt64) -> Schedule {
        var random = SeededRandom(seed: seed)
        let participants = 1 + random.next(below: 5)
        let conflicts = [0, 0, 0.3][random.next(below: 3)]
        let events = (0..<(3 + random.next(below: 10))).map { _ -> Event in
            let participant = random.next(below: participants)
            switch random.next(below: 100) {
            case 0..<62: return .send(participant: participant, .random(&random, participants: participants))
            case 62..<82: return .pass(1 + random.next(below: 3))
            case 82..<91: return .answer(participant: participant)
            case 91..<95: return .reconnect(participant: participant)
            case 95..<97: return .refuseWrite
            default:
                switch random.next(below: 6) {
                case 0: return .discard
                case 1: return .pass(1)
                default: return .reload(version: random.next(below: ModelRecipe.versions))
                }
            }
        }
        return Schedule(participants: participants, conflicts: conflicts, events: events)
    }

    /// Schedules that are one step shorter, or have one step less in a program.
    var shorter: [Schedule] {
        var result: [Schedule] = []
        for place in events.indices {
            var less = self
            less.events.remove(at: place)
            result.append(less)
        }
        for place in events.indices {
            guard case .send(let participant, let program) = events[place] else { continue }
            for step in program.steps.indices where program.steps.count > 1 {
                var less = self
                var shorter = program
                shorter.steps.remove(at: step)
                less.events[place] = .send(participant: participant, shorter)
                result.append(less)
            }
        }
        if conflicts > 0 { result.append(Schedule(participants: participants, conflicts: 0, events: events)) }
        return result
    }
}

extension Schedule: CustomStringConvertible {
    package var description: String {
        let lines = events.map { event -> String in
            switch event {
            case .send(let participant, let program): "p\(participant) sends \(program.steps)"
            case .pass(let ms): "\(ms) ms pass"
            case .answer(let participant): "p\(participant) answers"
            case .discard: "the VM is discarded"
            case .reconnect(let participant): "p\(participant) loses its socket and returns"
            case .refuseWrite: "the disk refuses the next write"
            case .reload(let version): "the recipe is reloaded: version \(version + 1)"
            }
        }
        return "\(participants) participants, conflicts at \(conflicts):\n  " + lines.joined(separator: "\n  ")
    }
}
