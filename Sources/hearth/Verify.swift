import ArgumentParser
import HearthSQLite
import HearthStore

/// `hearth verify [ROOM]`
struct Verify: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Check the stored history of all rooms, or of one.",
        discussion: """
            Checks every commit's hash and its place in the chain, and replays the commits to see that the snapshots \
            are what they lead to. Nothing is changed; the server may be running. The exit status is 1 when \
            something is wrong.
            """)

    @Argument(help: "A room's id; all rooms unless given.")
    var room: String?

    @OptionGroup var folder: DataFolder

    func run() throws {
        let faults = try folder.withStore(.readOnly) { store in
            if let room { return try verify(room, in: store) }
            return try verifyAll(store)
        }
        if faults > 0 {
            throw CommandFailure(
                "\(ProgressLine.counted(faults, "fault")). Restore what is damaged from an export or a backup.")
        }
    }

    private func verifyAll(_ store: any RoomStore) throws -> Int {
        var faults = 0
        var rooms = 0
        var after: String?
        var progress = ProgressLine("Rooms verified")
        while true {
            let page = try store.rooms(recipe: nil, after: after, limit: 500)
            for record in page {
                faults += try verify(record.id, in: store, isQuiet: true)
                rooms += 1
                progress.advance()
            }
            guard let last = page.last else { break }
            after = last.id
        }
        progress.finish()
        if faults == 0 { print(Terminal.coloured("ok", .green) + "  \(ProgressLine.counted(rooms, "room"))") }
        return faults
    }

    private func verify(_ room: String, in store: any RoomStore, isQuiet: Bool = false) throws -> Int {
        let total = Int(clamping: try store.record(room: room)?.seq ?? 0)
        // The chain, then the replay.
        var progress = ProgressLine("Verifying \(room)", total: total * 2)
        var reached = 0
        let report = try store.verify(room: room) { checked, _ in
            progress.advance(by: Int(clamping: checked) - reached)
            reached = Int(clamping: checked)
        }
        var findings = report.findings.map { RoomReplay.Finding(seq: $0.seq, detail: $0.detail) }
        if findings.isEmpty {
            findings = try RoomReplay.check(room, in: store) { progress.advance(by: $0) }
        }
        progress.finish()
        for finding in findings {
            let place = finding.seq.map { " at commit \($0)" } ?? ""
            print(Terminal.coloured("damaged", .red) + "  \(room)\(place): \(finding.detail)")
        }
        if findings.isEmpty && !isQuiet {
            let counts = [
                ProgressLine.counted(Int(clamping: report.facts), "commit"),
                ProgressLine.counted(report.snapshots, "snapshot"),
            ].joined(separator: ", ")
            print(Terminal.coloured("ok", .green) + "  \(room): \(counts)")
        }
        return findings.count
    }
}
