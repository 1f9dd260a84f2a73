import Foundation
import Synchronization

/// Another process that holds a lock.
final class OtherProcess {
    private let process = Process()

    /// Returns once the lock is held.
    convenience init(holding database: String, forSeconds seconds: Int) throws {
        try self.init(
            running: """
                import sqlite3, time
                connection = sqlite3.connect(\(String(reflecting: database)), isolation_level=None)
                connection.execute("BEGIN IMMEDIATE")
                print("held", flush=True)
                time.sleep(\(seconds))
                connection.execute("ROLLBACK")
                """)
    }

    /// Holds the lock of a server on a data folder.
    convenience init(lockingFolder folder: String) throws {
        try self.init(
            running: """
                import fcntl, time
                file = open(\(String(reflecting: folder + "/hearth.lock")), "w")
                fcntl.flock(file, fcntl.LOCK_EX)
                print("held", flush=True)
                time.sleep(60)
                """)
    }

    private init(running script: String) throws {
        let output = Pipe()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["python3", "-c", script]
        process.standardOutput = output
        try process.run()
        _ = output.fileHandleForReading.availableData
    }

    func end() {
        kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
    }
}

/// What a completion was told.
final class Outcome: Sendable {
    private let succeeded = Mutex(false)

    func take<E: Error>(_ result: Result<Void, E>) {
        if case .success = result { succeeded.withLock { $0 = true } }
    }

    var isSuccess: Bool { succeeded.withLock { $0 } }
}
