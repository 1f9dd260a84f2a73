import HearthRooms
import Synchronization

/// Under which key which room was last asked for, over all rooms of the server: a key that comes again with another
/// body is refused. Each room remembers durably under which key it was made; this is forgotten with the process.
final class CreationKeys: Sendable {
    /// Keys that are remembered; the oldest is forgotten first.
    static let max = 10_000

    private struct State {
        var requests: [String: CallKey] = [:]
        var order: [String] = []
        /// Where in `order` the oldest stands once it is full.
        var oldest = 0
    }

    private let state = Mutex(State())

    /// - Returns: false when the key was given with another request.
    func admit(_ key: String, _ request: CallKey) -> Bool {
        state.withLock { state in
            if let known = state.requests[key] { return known == request }
            state.requests[key] = request
            if state.order.count < Self.max {
                state.order.append(key)
            } else {
                state.requests[state.order[state.oldest]] = nil
                state.order[state.oldest] = key
                state.oldest = (state.oldest + 1) % Self.max
            }
            return true
        }
    }
}
