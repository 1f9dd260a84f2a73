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
            server and put it into an empty data folder as hearth.db.
            """)

    @Argument(help: "The file to make; there must be none of that name.")
    var file: String

    @OptionGroup var folder: DataFolder

    func run() throws {
        try folder.withStore(.readOnly) { store in try store.backup(to: file) }
        let attributes = try? FileManager.default.attributesOfItem(atPath: file)
        let bytes = (attributes?[.size] as? Int).map { ", \($0) bytes" } ?? ""
        print("\(Terminal.coloured("ok", .green))  \(file)\(bytes)")
    }
}
