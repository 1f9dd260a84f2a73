import ArgumentParser
import HearthValues

/// `hearth inspect ROOM`
struct Inspect: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show a room's cells as a tree.",
        discussion: """
            From a data folder: everything that is stored. From a running server (--server URL): what everyone may see, \
            derived cells included. With --watch, what has changed follows a few times a second, until Ctrl-C.
            """)

    @Argument(help: "The room's id.")
    var room: String

    @OptionGroup var source: RoomSource

    @Option(name: .long, help: ArgumentHelp("The cells as of this commit.", valueName: "seq"))
    var at: UInt64?

    @Flag(name: .long, help: "Go on with what changes.")
    var watch = false

    @Option(name: .long, help: "text for people, json for machines.")
    var output = Why.OutputFormat.text

    func validate() throws {
        if watch, at != nil { throw ValidationError("Give '--at' or '--watch': what has been does not change.") }
    }

    func run() async throws {
        let chronicle = Chronicle(source: source, room: room)
        var (seq, cells) = try await chronicle.cells(at: at)
        switch output {
        case .json: print(JSON.text(["room": .string(room), "seq": .int(Int64(seq)), "cells": .object(cells)]))
        case .text:
            print(Terminal.coloured("\(room) at commit \(seq)", .bold))
            for line in CellTree().lines(cells) { print(line) }
        }
        Terminal.flush()
        while watch {
            try await Task.sleep(for: .milliseconds(300))
            let (next, now) = try await chronicle.cells()
            let changes = Patch.diff(from: .object(cells), to: .object(now))
            if next == seq, changes.isEmpty { continue }
            (seq, cells) = (next, now)
            switch output {
            case .json: print(JSON.text(["seq": .int(Int64(seq)), "patch": Patch(operations: changes).json]))
            case .text:
                print(Terminal.coloured("commit \(seq)", .bold))
                for line in CellTree.lines(changes) { print(line) }
            }
            Terminal.flush()
        }
    }
}
