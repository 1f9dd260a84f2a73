import ArgumentParser
import Foundation
import HearthStore

/// `hearth rooms export ROOM`
struct ExportRoom: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export", abstract: "Write a room with its whole history as JSON lines.",
        discussion: "The server may be running: what is written is the room as of one moment.")

    @Argument(help: "The room's id.")
    var room: String

    @OptionGroup var source: RoomSource

    @Option(
        name: .shortAndLong, help: ArgumentHelp("The file to write; standard output unless given.", valueName: "file"))
    var output: String?

    func run() async throws {
        if let output, FileManager.default.fileExists(atPath: output) {
            throw CommandFailure("\(output) exists already. Choose another file, or remove it first.")
        }
        try await source.withRoom(room) { store in
            var export = try RoomExport(of: room, in: store)
            let file = try openOutput()
            do { try write(&export, from: store, to: file) } catch {
                // Half an export would be taken for one.
                if let output { unlink(output) }
                throw error
            }
        }
    }

    private func write(_ export: inout RoomExport, from store: any RoomStore, to file: FileHandle) throws {
        var progress = ProgressLine("Exporting \(room)", total: Int(clamping: export.progress.total))
        var reached = 0
        while let page = try export.page(from: store) {
            do { try file.write(contentsOf: Data(page)) } catch {
                throw CommandFailure("The export cannot be written: \(error.localizedDescription).")
            }
            let done = Int(clamping: export.progress.done)
            progress.advance(by: done - reached)
            reached = done
        }
        progress.finish()
        if let output {
            Terminal.note("Wrote \(room) with \(ProgressLine.counted(reached, "commit")) to \(output).")
        }
    }

    private func openOutput() throws -> FileHandle {
        guard let output else { return .standardOutput }
        guard FileManager.default.createFile(atPath: output, contents: nil),
            let file = FileHandle(forWritingAtPath: output)
        else { throw CommandFailure("Cannot write to \(output). Choose another file with --output.") }
        return file
    }
}
