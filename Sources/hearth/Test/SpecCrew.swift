import Foundation
import HearthTesting
import Synchronization

/// Runs spec files in processes of their own, several at once, and keeps what happens in each until it is asked for: what
/// a file does, a crash or an endless loop included, is that file's alone.
final class SpecCrew: Sendable {
    private let files: [String]
    private let arguments: [String]
    private let timeout: Int
    private let queues: [SpecQueue]
    private let operations = OperationQueue()

    init(_ files: [String], _ how: SpecSettings, countsLines: Bool) {
        self.files = files
        arguments = ["spec-worker"] + how.arguments + (countsLines ? ["--count-lines"] : [])
        timeout = how.timeout
        queues = files.map { _ in SpecQueue() }
    }

    /// - Parameter jobs: how many files run at once.
    func start(jobs: Int) {
        operations.maxConcurrentOperationCount = jobs
        for number in files.indices { operations.addOperation { self.run(number) } }
    }

    /// Waits for what happens next in a file; nil when it has come to its end.
    func next(ofFile number: Int) -> SpecEvent? { queues[number].next() }

    private func run(_ number: Int) {
        let queue = queues[number]
        defer { queue.add(nil) }
        let process = Process()
        process.executableURL = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath()
        process.arguments = arguments + ["--", files[number]]
        // What it would say of a crash takes longer than all else.
        process.environment = ProcessInfo.processInfo.environment.merging(["SWIFT_BACKTRACE": "enable=no"]) { $1 }
        let (input, output) = (Pipe(), Pipe())
        process.standardInput = input
        process.standardOutput = output
        do { try process.run() } catch {
            let message = "no process can be started to run it: \(error.localizedDescription)"
            return queue.add(.broken(file: files[number], line: nil, message: message))
        }
        let isLate = Atomic(false)
        let watch = DispatchWorkItem {
            isLate.store(true, ordering: .relaxed)
            if process.isRunning { kill(process.processIdentifier, SIGKILL) }
        }
        // Its Lua stops by itself when the time is over; what does not is stopped here.
        DispatchQueue.global().asyncAfter(deadline: .now() + .seconds(timeout + 5), execute: watch)
        var telling = Telling()
        while case let bytes = output.fileHandleForReading.availableData, !bytes.isEmpty {
            for event in telling.read(bytes) { queue.add(event) }
        }
        process.waitUntilExit()
        watch.cancel()
        try? input.fileHandleForWriting.close()
        if telling.isOver { return }
        let end =
            isLate.load(ordering: .relaxed)
            ? "it was stopped: it did not come to its end within \(timeout) s"
            : process.terminationReason == .uncaughtSignal
                ? "the process that ran it ended by signal \(process.terminationStatus)"
                : "the process that ran it ended with status \(process.terminationStatus)"
        let test = telling.underWay.map { ", in the test \"\($0)\"" } ?? ""
        queue.add(.broken(file: files[number], line: nil, message: end + test))
    }

    /// From bytes to events, and how far the file has come.
    private struct Telling {
        private var rest: [UInt8] = []
        var underWay: String?
        var isOver = false

        mutating func read(_ bytes: Data) -> [SpecEvent] {
            rest += bytes
            var events: [SpecEvent] = []
            var start = 0
            while let end = rest[start...].firstIndex(of: UInt8(ascii: "\n")) {
                if let event = SpecEvent(line: Array(rest[start..<end])) { events.append(event) }
                start = end + 1
            }
            rest.removeFirst(start)
            for event in events {
                switch event {
                case .began(let path): underWay = path.joined(separator: " ")
                case .ended: underWay = nil
                case .measured: isOver = true
                case .printed, .broken: break
                }
            }
            return events
        }
    }
}

/// What happened in one file, in its order.
private final class SpecQueue: Sendable {
    private let events = Mutex<[SpecEvent?]>([])
    private let arrived = DispatchSemaphore(value: 0)

    /// - Parameter event: nil: there are no more.
    func add(_ event: SpecEvent?) {
        events.withLock { $0.append(event) }
        arrived.signal()
    }

    /// Waits for the next.
    func next() -> SpecEvent? {
        arrived.wait()
        return events.withLock { $0.removeFirst() }
    }
}
