import HearthValues
import HearthWire

/// Reading the frames that the room sent.
extension SimulatedParticipant {
    /// Reads what is on its way.
    ///
    /// - Parameter most: so many messages; nil for all.
    package func deliver(atMost most: Int? = nil) {
        let before = seq
        var left = most ?? .max
        while left > 0, !inbox.isEmpty, !isBehind {
            read(inbox.removeFirst().bytes)
            left -= 1
        }
        if seq != before { room.note("\(label) sees commit \(seq)") }
    }

    private func read(_ frame: [UInt8]) {
        guard case .object(let message)? = try? JSON.parse(frame, links: .parsed) else {
            return faults.append("\(label) was sent what is no message: \(String(decoding: frame, as: UTF8.self))")
        }
        switch message["type"]?.string {
        case "joined": joined(message)
        case "commit": commit(message)
        case "ack": settle(message["id"]?.int ?? 0, message)
        case "error": error(message)
        case "ask": asked(message)
        case "signal": signals.append(.object(message))
        case "ephemeral": apply(message["patch"], what: "an ephemeral change")
        case "sync_response": sync(message)
        case "reload": break
        case "bye": bye(message)
        default: faults.append("\(label) was sent a message of an unknown type")
        }
    }

    private func joined(_ message: Object) {
        if message["cells"] != nil { replace(message) }
        takeUp(
            session: message["session"]?.string ?? "", secret: message["resume"]?.string ?? "",
            epoch: message["epoch"]?.string ?? "", resumed: message["resumed"]?.bool ?? false,
            lastEvent: message["last_event"]?.int ?? 0)
    }

    private func asked(_ message: Object) {
        asks.append(message)
        let data = message["data"].map { " " + JSON.text($0) } ?? ""
        questions[message["ask"]?.string ?? ""] = (message["name"]?.string ?? "") + data
    }

    private func replace(_ message: Object) {
        replica = message["cells"] ?? .object(Object())
        hasReplica = true
        seq = UInt64(clamping: message["seq"]?.int ?? 0)
        replicaVersion += 1
    }

    /// The replica must hold already what the room says now.
    private func sync(_ message: Object) {
        let cells = message["cells"] ?? .object(Object())
        if isOwedState {
            isOwedState = false
            room.note("\(label) gets the whole state")
        } else if cells != replica, let first = Patch.diff(from: replica, to: cells).first {
            faults.append("\(label)'s replica differs from the room: \(JSON.text(Patch(operations: [first]).json))")
        }
        replace(message)
    }

    private func commit(_ message: Object) {
        let number = UInt64(clamping: message["seq"]?.int ?? 0)
        if number != seq + 1 { faults.append("\(label) was sent commit \(number) after \(seq)") }
        seq = number
        commits.append(.object(message))
        apply(message["patch"], what: "commit \(number)")
    }

    private func apply(_ patch: Value?, what: String) {
        replicaVersion += 1
        do { try Patch(json: patch ?? .null).apply(to: &replica) } catch {
            faults.append("\(what) does not apply to what \(label) has: \(error)")
        }
    }

    private func error(_ message: Object) {
        errors.append(.object(message))
        if let id = message["id"]?.int {
            settle(id, message)
            room.note("\(label) is told \(message["code"]?.string ?? ""): \(message["message"]?.string ?? "")")
        } else if session.isEmpty {
            farewell = message
            forgetConnection()
        }
    }

    private func bye(_ message: Object) {
        farewell = message
        forgetConnection()
    }
}
