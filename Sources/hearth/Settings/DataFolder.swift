import ArgumentParser
import Foundation
import HearthSQLite
import HearthStore

/// `--data DIR`
struct DataFolder: ParsableArguments {
    @Option(name: .long, help: ArgumentHelp("Where rooms are kept.", valueName: "dir"))
    var data = "./data"

    /// Opens the rooms for the time of `body`.
    /// - Parameter access: `server` for changes that a running server must not miss, `alongside` for those it may,
    ///   `readOnly` for none.
    /// - Throws: `CommandFailure` that says what to do, for any `StoreError`.
    func withStore<R>(_ access: SQLiteStoreConfiguration.Access, _ body: (any RoomStore) throws -> R) throws -> R {
        do {
            if case .server = access { try makeFolder() } else { try requireData() }
            let store = try SQLiteStore(folder: data, configuration: SQLiteStoreConfiguration(access: access))
            defer { store.close() }
            return try body(store)
        } catch let error as StoreError {
            throw CommandFailure(error.message)
        }
    }

    func makeFolder() throws {
        do {
            try FileManager.default.createDirectory(atPath: data, withIntermediateDirectories: true)
        } catch {
            // Foundation's error says less than the system's.
            let reason = mkdir(data, 0o777) == 0 ? error.localizedDescription : String(cString: strerror(errno))
            throw CommandFailure("Cannot make the folder \(data): \(reason). Choose one with --data.")
        }
    }

    var exists: Bool {
        FileManager.default.fileExists(atPath: URL(filePath: data).appending(path: SQLiteStore.fileName).path)
    }

    private func requireData() throws {
        if !exists {
            throw CommandFailure(
                "There are no rooms in \(data). Name the folder that a server was started on with --data.")
        }
    }
}
