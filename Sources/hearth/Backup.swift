import ArgumentParser
import Foundation
import HearthSQLite
import HearthStore

/// `hearth backup FILE`
struct Backup: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Copy all rooms into a new file, as of one moment.",
        discussion: """
            The server may be running and goes on meanwhile. The file is a whole database: to restore it, stop the \
            server and put it into an empty data folder as hearth.db. Snapshots are not in it, for they can be made \
            anew: each room takes longer to wake once.
            """)

    @Argument(help: "The file to make; there must be none of that name.")
    var file: String

    @OptionGroup var folder: DataFolder

    func run() throws {
        if FileManager.default.fileExists(atPath: file) {
            throw CommandFailure("\(file) exists already. Choose another file, or remove it first.")
        }
        let target = URL(filePath: file).deletingLastPathComponent().path
        guard FileManager.default.fileExists(atPath: target) else {
            throw CommandFailure("There is no folder \(target). Make it first, or choose another file.")
        }
        try folder.withStore(.readOnly) { store in try store.backup(to: file) }
        let attributes = try? FileManager.default.attributesOfItem(atPath: file)
        let bytes = (attributes?[.size] as? Int).map { ", \($0) bytes" } ?? ""
        print("\(Terminal.coloured("ok", .green))  \(file)\(bytes)")
    }
}
