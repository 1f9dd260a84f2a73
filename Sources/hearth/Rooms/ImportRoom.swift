import ArgumentParser
import Foundation
import HearthSQLite
import HearthServer
import HearthStore

/// `hearth rooms import FILE`
struct ImportRoom: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import", abstract: "Take in a room that was exported, checking every hash.",
        discussion: "The room appears when all of it has been read, or not at all. The server may be running.")

    @Argument(help: "The file; - for standard input.")
    var file: String

    @OptionGroup var folder: DataFolder

    @Option(
        name: .customLong("as"),
        help: ArgumentHelp("The room's id from now on; as exported unless given.", valueName: "id"))
    var name: String?

    func validate() throws {
        guard let name, !RoomName.isValid(name) else { return }
        throw ValidationError("The value '\(name)' is invalid for '--as': a room's id has \(RoomName.rule).")
    }

    func run() throws {
        let lines = try LineReader(file)
        try folder.withStore(folder.exists ? .alongside : .server) { store in
            var importing = RoomImport(into: store, as: name)
            var progress: ProgressLine?
            var reached = 0
            while let line = try lines.next() {
                try importing.accept(line: line)
                if progress == nil, let room = importing.room, !RoomName.isValid(room) {
                    importing.abandon()
                    throw CommandFailure(
                        "The file's '\(room)' cannot name a room: \(RoomName.rule). Give it another id with --as.")
                }
                guard let (done, total) = importing.progress else { continue }
                if progress == nil { progress = ProgressLine("Importing", total: Int(clamping: total)) }
                progress?.advance(by: Int(clamping: done) - reached)
                reached = Int(clamping: done)
            }
            let record = try importing.finish()
            progress.take()?.finish()
            print("Imported \(record.id) with \(ProgressLine.counted(Int(clamping: record.seq), "commit")).")
        }
    }
}

/// The lines of a file, one at a time.
private final class LineReader {
    private let handle: FileHandle
    private var buffer = Data()
    private var isAtEnd = false

    init(_ path: String) throws {
        if path == "-" {
            handle = .standardInput
        } else if let file = FileHandle(forReadingAtPath: path) {
            handle = file
        } else {
            throw CommandFailure("Cannot read \(path). Name a file that `hearth rooms export` has written.")
        }
    }

    /// - Returns: the next line without its newline, or nil at the end.
    func next() throws -> [UInt8]? {
        while true {
            if let newline = buffer.firstIndex(of: UInt8(ascii: "\n")) {
                defer { buffer = buffer[buffer.index(after: newline)...] }
                return Array(buffer[..<newline])
            }
            if isAtEnd {
                defer { buffer = Data() }
                return buffer.isEmpty ? nil : Array(buffer)
            }
            guard let more = try? handle.read(upToCount: 1 << 20), !more.isEmpty else {
                isAtEnd = true
                continue
            }
            buffer = Data(buffer) + more
        }
    }
}
