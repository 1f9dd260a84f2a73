import Foundation
import Logging
import NIOCore
import Synchronization

/// Every connection goes through here: it is counted, in all and for its address, from its first moment to its last.
/// Safe from every thread.
final class Turnstile: Sendable {
    let limits: TrafficLimits
    let proxies: TrustedProxies
    let paces = SessionPaces()
    /// Open WebSockets; 0 for no limit.
    let socketsMax: Int
    /// Connections of all kinds, above which the process would have no more files for them.
    private let connectionsMax: Int
    private let counters: ServerCounters
    private let logger: Logger
    private let state = Mutex(State())

    private struct State {
        var connections = 0
        var sockets = 0
        var lastVisit: UInt64 = 0
        var addresses = AddressBook()
        var arrivals = Arrivals()
        var logQuota = LogQuota()
        /// Who waits for the last socket to end.
        var onLastSocket: CheckedContinuation<Void, Never>?
        var isGivenUp = false

        /// Whoever may go on now.
        mutating func takeWaiting() -> CheckedContinuation<Void, Never>? {
            guard sockets == 0 || isGivenUp else { return nil }
            defer { onLastSocket = nil }
            return onLastSocket
        }
    }

    /// What `/metrics` shows.
    struct Sample: Sendable {
        var connections = 0
        var handshakes = 0
        var addresses = 0
    }

    /// - Parameter openFilesMax: how many files the process may open.
    /// - Throws: `ServerError` for what is no address of a proxy.
    init(
        _ limits: TrafficLimits, counters: ServerCounters, logger: Logger, openFilesMax: Int = OpenFiles.max
    ) throws(ServerError) {
        self.limits = limits
        proxies = try TrustedProxies(limits.trustedProxies)
        socketsMax = limits.connectionsMax ?? max(openFilesMax / 2, openFilesMax - OpenFiles.reserve)
        connectionsMax = max(openFilesMax / 2, openFilesMax - OpenFiles.reserve / 2)
        self.counters = counters
        self.logger = logger
    }

    var sample: Sample {
        state.withLock {
            Sample(connections: $0.connections, handshakes: $0.arrivals.count, addresses: $0.addresses.count)
        }
    }

    /// A connection begins. Its visit ends by itself with the channel.
    ///
    /// - Returns: nil when the process has no file left for it; then it is to be closed at once.
    func enter(_ channel: any Channel) -> Visit? {
        let (id, evicted, isFull) = state.withLock { state -> (UInt64, (any Channel)?, Bool) in
            state.lastVisit += 1
            var evicted: (any Channel)?
            if state.connections >= connectionsMax || isOver(limits.handshakesMax, state.arrivals.count) {
                evicted = state.arrivals.takeOldest()
            }
            if state.connections >= connectionsMax, evicted == nil { return (state.lastVisit, nil, true) }
            state.connections += 1
            state.arrivals.add(channel, as: state.lastVisit)
            return (state.lastVisit, evicted, false)
        }
        // It answers and logs for itself.
        evicted?.pipeline.fireUserInboundEventTriggered(PlaceTaken())
        if isFull {
            counters.limits.add(.openFiles)
            note(channel, "no file is left for one more connection; raise the limit (ulimit -n)")
            return nil
        }
        let visit = Visit(self, id: id, address: channel.remoteAddress)
        visit.begin()
        channel.closeFuture.whenComplete { _ in visit.end() }
        return visit
    }

    private func isOver(_ limit: Int, _ count: Int) -> Bool { limit > 0 && count >= limit }

    /// A line of the log about connections that belong to no address.
    func takeLogLine(at nowMs: Int64) -> Int? { state.withLock { $0.logQuota.take(at: nowMs) } }

    private func note(_ channel: any Channel, _ cause: String) {
        guard let leftOut = takeLogLine(at: WallClock.nowMs()) else { return }
        var metadata: Logger.Metadata = ["remote": "\(channel.remoteName)", "cause": "\(cause)"]
        if leftOut > 0 { metadata["left_out"] = "\(leftOut)" }
        logger.warning("connection refused", metadata: metadata)
    }

    // MARK: - For visits

    func arrived(_ id: UInt64) { state.withLock { $0.arrivals.remove(id) } }

    /// Counts a connection for its address and takes note of its coming.
    func count(_ client: IPAddress) -> Result<AddressRecord, Refusal> {
        let block = client.block
        let max = limits.connectionsMax(of: client)
        let record = state.withLock { state -> AddressRecord? in
            guard !isOver(max, state.addresses.connections(of: block)) else { return nil }
            return state.addresses.enter(block)
        }
        guard let record else { return .failure(.tooManyOfAddress(block, max)) }
        return .success(record)
    }

    func discount(_ client: IPAddress) { state.withLock { $0.addresses.leave(client.block) } }

    /// What is known of the address of a connection that was not counted.
    func record(of client: IPAddress) -> AddressRecord { state.withLock { $0.addresses.record(of: client.block) } }

    /// - Returns: false when there is no place for one more socket.
    func takeSocket() -> Bool {
        state.withLock { state in
            guard !isOver(socketsMax, state.sockets) else { return false }
            state.sockets += 1
            return true
        }
    }

    func leave(_ id: UInt64, hadSocket: Bool) {
        let waiting = state.withLock { state in
            state.arrivals.remove(id)
            state.connections -= 1
            if hadSocket { state.sockets -= 1 }
            return state.takeWaiting()
        }
        waiting?.resume()
    }

    /// Waits until no socket's connection is there any more, or until the task is cancelled. For one caller, at the end.
    func awaitLastSocket() async {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let waiting = state.withLock { state in
                    state.onLastSocket = continuation
                    return state.takeWaiting()
                }
                waiting?.resume()
            }
        } onCancel: {
            let waiting = state.withLock { state in
                state.isGivenUp = true
                return state.takeWaiting()
            }
            waiting?.resume()
        }
    }
}

/// To a connection that has waited longest for its first request: another needs its place.
struct PlaceTaken: Sendable {}

/// Connections that have not come to their first request, in the order of their coming.
private struct Arrivals {
    private var channels: [UInt64: any Channel] = [:]
    /// Their ids, and those of some that are gone.
    private var order = CircularBuffer<UInt64>()

    var count: Int { channels.count }

    mutating func add(_ channel: any Channel, as id: UInt64) {
        if order.count > 2 * channels.count + 1_024 { order = CircularBuffer(order.filter { channels[$0] != nil }) }
        channels[id] = channel
        order.append(id)
    }

    mutating func remove(_ id: UInt64) { channels[id] = nil }

    mutating func takeOldest() -> (any Channel)? {
        while let id = order.popFirst() {
            if let channel = channels.removeValue(forKey: id) { return channel }
        }
        return nil
    }
}
