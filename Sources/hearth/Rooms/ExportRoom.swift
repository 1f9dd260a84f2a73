import ArgumentParser
import Foundation
import HearthSQLite
import HearthStore

/// `hearth rooms export ROOM`
struct ExportRoom: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export", abstract: "Write a room with its whole history as JSON lines.",
        discussion: "The server may be running: what is written is the room as of one moment.")

    @Argument(help: "The room's id.")
    var room: String

    @OptionGroup var folder: DataFolder

    @Option(
        name: .shortAndLong, help: ArgumentHelp("The file to write; standard output unless given.", valueName: "file"))
    var output: String?

    func run() throws {
        let file = try openOutput()
        try folder.withStore(.readOnly) { store in
            let total = Int(clamping: try store.record(room: room)?.seq ?? 0)
            var progress = ProgressLine("Exporting \(room)", total: total)
            var reached = 0
            var buffer = Data()
            func flush() throws(StoreError) {
                do { try file.write(contentsOf: buffer) } catch {
                    throw StoreError.unavailable(detail: "the export cannot be written: \(error.localizedDescription)")
                }
                buffer.removeAll(keepingCapacity: true)
            }
            try store.export(room: room) { line throws(StoreError) in
                buffer.append(contentsOf: line)
                if buffer.count > 1 << 20 { try flush() }
            } progress: { done, _ in
                progress.advance(by: Int(clamping: done) - reached)
                reached = Int(clamping: done)
            }
            try flush()
            progress.finish()
            if let output {
                Terminal.note("Wrote \(room) with \(ProgressLine.counted(reached, "commit")) to \(output).")
            }
        }
    }

    private func openOutput() throws -> FileHandle {
        guard let output else { return .standardOutput }
        if FileManager.default.fileExists(atPath: output) {
            throw CommandFailure("\(output) exists already. Choose another file, or remove it first.")
        }
        guard FileManager.default.createFile(atPath: output, contents: nil),
            let file = FileHandle(forWritingAtPath: output)
        else { throw CommandFailure("Cannot write to \(output). Choose another file with --output.") }
        return file
    }
}
