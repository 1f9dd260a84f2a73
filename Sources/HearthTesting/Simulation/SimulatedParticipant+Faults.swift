import HearthRooms
import HearthWire

/// What goes wrong between a participant and the room, as it can with sockets.
extension SimulatedParticipant {
    /// Its event never reaches the room: the socket broke under it. It comes back and sends it again.
    func loseEvent(_ name: String) {
        losesNextEvent = false
        room.note("`\(name)` of \(label) is lost on its way")
        disconnect()
        enter(keepsReplica: true)
    }

    /// Sends its last event once more under the same id, as a client does that cannot know whether it arrived.
    package func sendAgain() {
        guard isConnected, let event = lastSent, unanswered.allSatisfy({ $0.id >= event.id }) else { return }
        room.note("`\(event.name)` of \(label) comes a second time")
        post(.event(event))
    }

    /// It reads too slowly: the changes that are on their way to it are dropped, and those that follow, until it gets
    /// the whole state.
    package func fallBehind() {
        guard isConnected, !isOwedState else { return }
        room.note("\(label) reads too slowly: changes on their way to it are dropped")
        isBehind = true
        isOwedState = true
        inbox.removeAll(where: \.isChange)
        askForEverything()
    }
}
