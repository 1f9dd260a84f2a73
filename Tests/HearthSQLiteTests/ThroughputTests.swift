import Foundation
import HearthSQLite
import HearthStore
import HearthStoreLaws
import Testing

@Suite("Throughput", .enabled(if: ProcessInfo.processInfo.environment["HEARTH_MEASURE"] != nil))
struct ThroughputTests {
    @Test("small writes of 200 rooms, 2,000 to a commit: fact, session and mark each")
    func groupedWrites() throws {
        let folder = try DataFolder()
        let store = try SQLiteStore(folder: folder.path)
        let rooms = (0..<200).map { "room-\($0)" }
        try store.commit(rooms.map { .creating($0) })
        var positions = Dictionary(uniqueKeysWithValues: rooms.map { ($0, RoomPosition.start) })
        var total = Duration.zero
        let rounds = 20
        for _ in 0..<rounds {
            var batch: [RoomWrite] = []
            for index in 0..<2_000 {
                let room = rooms[index % rooms.count]
                var write = RoomWrite.appending([Self.content], to: room, after: positions[room] ?? .start)
                let position = write.facts.last.map { RoomPosition(seq: $0.seq, head: $0.id) } ?? .start
                positions[room] = position
                write.updatedAt = Int64(position.seq)
                write.expectedHead = write.facts.first?.parent
                write.sessions = [
                    SessionRecord(
                        room: room, id: "session", secretHash: .zero, lastEvent: Int64(position.seq), createdAt: 1)
                ]
                write.marks = [Mark(session: "session", event: Int64(position.seq), answer: Array("{\"seq\":1}".utf8))]
                batch.append(write)
            }
            total += try ContinuousClock().measure { try store.commit(batch) }
        }
        let seconds = Double(total.components.attoseconds) / 1e18 + Double(total.components.seconds)
        print("\(rounds * 2_000) writes in \(seconds) s: \(Int(Double(rounds * 2_000) / seconds)) a second")
        store.close()
    }

    private static let content =
        "{\"at\":1700000000000,\"by\":\"session\",\"event\":\"say\",\"patch\":[{\"op\":\"add\","
        + "\"path\":\"/messages/-\",\"value\":{\"text\":\"hello there\",\"who\":\"ada\"}}]}"
}
