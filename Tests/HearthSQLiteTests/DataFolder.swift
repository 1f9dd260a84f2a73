import Foundation
import GRDB
import HearthSQLite
import HearthStore
import HearthStoreLaws

/// A folder for one test, removed with it.
final class DataFolder: Sendable {
    let path: String

    init() throws {
        path = NSTemporaryDirectory() + "hearth-store-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    var database: String { path + "/" + SQLiteStore.fileName }
    var snapshots: String { path + "/snapshots" }

    /// The files below the folder of snapshots, by their paths there.
    func snapshotFiles() -> [String] {
        (FileManager.default.subpaths(atPath: snapshots) ?? []).filter { name in
            var isFolder: ObjCBool = false
            return FileManager.default.fileExists(atPath: snapshots + "/" + name, isDirectory: &isFolder)
                && !isFolder.boolValue
        }.sorted()
    }

    /// Everything a process that was killed just now would have left on the disk.
    func copyAsIfCrashed() throws -> DataFolder {
        let copy = try DataFolder()
        for name in [SQLiteStore.fileName, SQLiteStore.fileName + "-wal", "snapshots"] {
            guard FileManager.default.fileExists(atPath: path + "/" + name) else { continue }
            try FileManager.default.copyItem(atPath: path + "/" + name, toPath: copy.path + "/" + name)
        }
        return copy
    }

    /// Runs SQL on a connection of its own.
    func execute(_ sql: String, _ arguments: StatementArguments = StatementArguments()) throws {
        let queue = try DatabaseQueue(path: database)
        try queue.write { try $0.execute(sql: sql, arguments: arguments) }
        try queue.close()
    }

    func integer(_ sql: String) throws -> Int? {
        let queue = try DatabaseQueue(path: database)
        defer { try? queue.close() }
        return try queue.read { try Int.fetchOne($0, sql: sql) }
    }
}

final class SQLiteFixture: StoreFixture {
    let faults = FaultPlan()
    private var folder: DataFolder
    private var opened: SQLiteStore
    var store: any RoomStore { opened }

    init() throws {
        folder = try DataFolder()
        opened = try SQLiteStore(
            folder: folder.path, configuration: SQLiteStoreConfiguration(removalShare: 3, faults: faults))
    }

    func reopenAfterCrash() throws -> Bool {
        let crashed = try folder.copyAsIfCrashed()
        opened.close()
        folder = crashed
        opened = try SQLiteStore(
            folder: folder.path, configuration: SQLiteStoreConfiguration(removalShare: 3, faults: faults))
        return true
    }

    func damageContent(room: String, seq: UInt64) throws {
        try folder.execute("UPDATE facts SET content = x'01' WHERE key = \(key(room, seq))")
    }

    func removeFact(room: String, seq: UInt64) throws {
        try folder.execute("DELETE FROM facts WHERE key = \(key(room, seq))")
    }

    func damageHead(room: String) throws {
        try folder.execute("UPDATE rooms SET head = ? WHERE id = ?", [Data(SHA256.hash([7]).bytes), room])
    }

    private func key(_ room: String, _ seq: UInt64) -> String {
        "(SELECT number << 36 | \(seq) FROM rooms WHERE id = '\(room)')"
    }
}
