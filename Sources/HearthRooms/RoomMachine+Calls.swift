package import HearthRecipes
import HearthStore
import HearthValues

/// What servers ask for over HTTP, at most once for each key.
extension RoomMachine {
    func runCall(_ token: UInt64, _ call: ServerCall, now: Int64) {
        let key = call.callKey
        if let key {
            switch head.keyed.match(key) {
            case .known(let answer): return gathering.hold(.called(token: token, answer.result))
            case .other: return gathering.hold(.called(token: token, .failure(.keyReused)))
            case .unknown: break
            }
            if let run = waiting.values.first(where: { $0.origin.key?.text == key.text }) {
                return join(run, token, key)
            }
        }
        let cause = Cause(
            session: nil, event: call.name, eventID: nil, data: call.data, at: now, seed: random.next())
        let entry = call.console.map { Entry.console($0) } ?? .handler(call.name)
        let run = makeRun(cause, entry, who: nil, origin: .call(tokens: [token], key: key))
        run.isTrusted = call.isTrusted
        proceed(run, now: now)
    }

    /// The same call is under way: it is run once, and whoever asked is told.
    private func join(_ run: EventRun, _ token: UInt64, _ key: CallKey) {
        guard case .call(let tokens, let first?) = run.origin else { return }
        guard first == key else { return gathering.hold(.called(token: token, .failure(.keyReused))) }
        run.origin = .call(tokens: tokens + [token], key: key)
    }

    func settleCall(_ tokens: [UInt64], _ key: CallKey?, _ result: Result<Ack, Failure>) {
        if let key { remember(result, to: key) }
        for token in tokens { gathering.hold(.called(token: token, result)) }
    }

    /// What may be tried again with the same key is not held against it: nothing was done.
    func remember(_ result: Result<Ack, Failure>, to key: CallKey) {
        if case .failure(let failure) = result, failure.retryable { return }
        gathering.write.marks.append(head.keyed.remember(Answer(result), to: key))
    }

    /// What whoever asks for a room that is there already is told of its creation: the same as the first time when it was
    /// made under this very key.
    package func creation(under key: CallKey?) -> Result<RoomCreation, Failure> {
        let exists = Failure(code: "room_exists", message: "there is a room \"\(id)\" already")
        guard let key else { return .failure(exists) }
        switch durable.keyed.match(key) {
        case .known(.ack(let ack)):
            return .success(RoomCreation(id: id, epoch: epoch, seq: ack.seq, recipe: RecipeStamp(ack.result) ?? recipe))
        case .other: return .failure(.keyReused)
        case .unknown, .known: return .failure(exists)
        }
    }

    /// What whoever made the room is told.
    package var created: RoomCreation { RoomCreation(id: id, epoch: epoch, seq: durable.seq, recipe: recipe) }
}

/// A room as it was made.
package struct RoomCreation: Sendable {
    package var id: String
    package var epoch: String
    package var seq: UInt64
    package var recipe: RecipeStamp
}

extension RecipeStamp {
    var json: Value {
        .object(["name": .string(name), "version": .int(version), "hash": .string(hash)])
    }

    fileprivate init?(_ json: Value?) {
        guard let object = json?.object, let name = object["name"]?.string, let version = object["version"]?.int,
            let hash = object["hash"]?.string
        else { return nil }
        self.init(name: name, version: version, hash: hash)
    }
}

extension Failure {
    package static let keyReused = Failure(
        code: "idempotency_key_reused",
        message: "this Idempotency-Key was used for another request; take a new one for each")
}
