import Dispatch
import HearthValues
import Synchronization

/// The latest closes of sockets, in files: for those who ask the server, and for those who ask when it is gone. Memory
/// has only those that are in no file, which a disk that is full may refuse. Safe from every thread.
final class ClosingBook: Sendable {
    /// Closes in memory, and some more; the oldest are forgotten first.
    static let max = 4_096

    private struct State {
        /// Those that no file has.
        var lines = ClosingLines()
        /// Those that are on their way to the file.
        var unwritten: [UInt8] = []
    }

    private let state = Mutex(State())
    private let files: ClosingFiles?
    private let queue = DispatchQueue(label: "hearth.closings", qos: .utility)

    /// - Parameter folder: where the files are kept; nil for none.
    init(folder: String?) { files = folder.map(ClosingFiles.init) }

    /// - Complexity: O(1); the file is written on a thread of its own, many closes at once.
    func note(_ record: ClosingRecord) {
        var sink = ByteSink()
        JSON.write(record.json(remote: true), into: &sink)
        sink.append(UInt8(ascii: "\n"))
        let line = sink.bytes
        let isFirst = state.withLock { state in
            // The disk does not keep up: then memory has to.
            guard files != nil, state.unwritten.count < ClosingFiles.bytesMax else {
                state.lines.append(line)
                return false
            }
            defer { state.unwritten += line }
            return state.unwritten.isEmpty
        }
        if isFirst { queue.async { self.write() } }
    }

    /// Those about a session, or about the connection with this trace, the latest first.
    ///
    /// Reads the files; not for an event loop.
    /// - Complexity: O(bytes of the files), 2 MiB.
    func closings(of name: String) -> [ClosingRecord] {
        flush()
        let blocks = state.withLock { $0.lines.blocks }
        let unfiled = blocks.flatMap { ClosingFiles.records(in: $0.bytes) }.filter { $0.isAbout(name) }
        let filed = files?.records(about: name) ?? []
        return unfiled.isEmpty ? filed : (filed + unfiled.reversed()).sorted { $0.at > $1.at }
    }

    /// Those that are in no file.
    var countInMemory: Int { state.withLock { $0.lines.count } }

    /// Waits until everything noted before is in its file.
    func flush() { queue.sync { write() } }

    private func write() {
        let lines = state.withLock { state in
            let lines = state.unwritten
            state.unwritten = []
            return lines
        }
        let written = files?.append(lines) ?? 0
        if written == lines.count { return }
        state.withLock { state in
            for line in lines[written...].split(separator: UInt8(ascii: "\n")) {
                state.lines.append(line + [UInt8(ascii: "\n")])
            }
        }
    }
}

/// Lines, the oldest of which are forgotten, in few large blocks of memory. A crowd's closes, kept as they are, would each
/// hold on to a place among what the crowd had taken up, and so to most of that.
struct ClosingLines {
    struct Block {
        var bytes: [UInt8] = []
        var count = 0
    }

    /// With what an array has in front of its elements, this is a size that allocators have.
    private static let blockBytes = 32_736

    private(set) var blocks: [Block] = []
    private(set) var count = 0

    /// - Complexity: amortised O(length of the line).
    mutating func append(_ line: some Collection<UInt8>) {
        if blocks.last.map({ $0.bytes.count + line.count > Self.blockBytes }) ?? true {
            var block = Block()
            block.bytes.reserveCapacity(Swift.max(Self.blockBytes, line.count))
            blocks.append(block)
        }
        blocks[blocks.count - 1].bytes += line
        blocks[blocks.count - 1].count += 1
        count += 1
        while let oldest = blocks.first, count - oldest.count >= ClosingBook.max {
            count -= oldest.count
            blocks.removeFirst()
        }
    }
}
