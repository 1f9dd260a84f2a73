import Dispatch
import Synchronization

/// The latest closes of sockets: in memory for those who ask the server, and in files for those who ask when it is gone.
/// Safe from every thread.
final class ClosingBook: Sendable {
    /// Closes that a running server remembers; the oldest is forgotten first.
    static let max = 4_096

    private struct State {
        var ring: [ClosingRecord] = []
        var next = 0
        var unwritten: [ClosingRecord] = []
    }

    private let state = Mutex(State())
    private let files: ClosingFiles?
    private let queue = DispatchQueue(label: "hearth.closings", qos: .utility)

    /// - Parameter folder: where the files are kept; nil for none.
    init(folder: String?) { files = folder.map(ClosingFiles.init) }

    /// - Complexity: O(1); the file is written on a thread of its own, many closes at once.
    func note(_ record: ClosingRecord) {
        let isFirst = state.withLock { state in
            if state.ring.count < Self.max {
                state.ring.append(record)
            } else {
                state.ring[state.next] = record
                state.next = (state.next + 1) % Self.max
            }
            // Nobody writes them: then the latest are enough.
            if state.unwritten.count < Self.max { state.unwritten.append(record) }
            return state.unwritten.count == 1
        }
        if isFirst, files != nil { queue.async { self.write() } }
    }

    /// Those about a session, or about the connection with this trace, the latest first.
    func closings(of name: String) -> [ClosingRecord] {
        let all = state.withLock { Array($0.ring[$0.next...] + $0.ring[..<$0.next]) }
        return all.filter { $0.isAbout(name) }.reversed()
    }

    /// Waits until everything noted before is in its file.
    func flush() { queue.sync { write() } }

    private func write() {
        let records = state.withLock { state in
            defer { state.unwritten.removeAll(keepingCapacity: true) }
            return state.unwritten
        }
        files?.append(records)
    }
}
