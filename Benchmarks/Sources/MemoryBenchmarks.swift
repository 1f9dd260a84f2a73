import Foundation
import HearthRecipes
import HearthRooms
import HearthSQLite
import HearthStore
import HearthValues

/// What one more costs in memory, and on disk.
enum MemoryBenchmarks {
    static let names = ["awake room 1k", "sleeping room 10k"]

    static func run(where isWanted: (String) -> Bool) throws {
        if isWanted("awake room 1k") { try awakeRooms(1_000) }
        if isWanted("sleeping room 10k") { try sleepingRooms(10_000) }
    }

    private static func awakeRooms(_ count: Int) throws {
        let runtime = try DrivenRoom.runtime(of: "chat")
        var rooms: [DrivenRoom] = [try DrivenRoom.chat(messages: 10, runtime: runtime)]
        rooms.reserveCapacity(count)
        let before = residentBytes()
        for _ in 0..<count {
            let room = try DrivenRoom.chat(messages: 10, runtime: runtime)
            room.join()
            rooms.append(room)
        }
        print("awake room 1k: \((residentBytes() - before) / count) bytes of memory for each, with one participant")
        keep(rooms)
    }

    /// A sleeping room is rows in the database and nothing in memory.
    private static func sleepingRooms(_ count: Int) throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "hearth-bench-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let store = try SQLiteStore(folder: folder.path)
        let content = JSON.bytes(.object(["at": .int(1_700_000_000_000), "patch": .list(List())]))
        let writes = (0..<count).map { number in
            var write = RoomWrite(room: "room\(number)")
            write.create = RoomRecord(
                id: write.room, recipe: "chat", recipeVersion: 1, epoch: "epoch", createdAt: 0, updatedAt: 0)
            write.facts = [Fact(seq: 1, parent: .zero, content: content)]
            return write
        }
        let plain = writes.reduce(0) { $0 + $1.room.utf8.count + content.count }
        let before = residentBytes()
        for start in stride(from: 0, to: count, by: 1_000) { try store.commit(Array(writes[start..<start + 1_000])) }
        let after = residentBytes()
        store.close()
        let files = try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: [.fileSizeKey])
        let bytes = try files.reduce(0) { try $0 + ($1.resourceValues(forKeys: [.fileSizeKey]).fileSize ?? 0) }
        print(
            "sleeping room 10k: \(bytes / count) bytes on disk for each, its name and its one commit alone are \(plain / count): "
                + "x\(Double(bytes * 10 / plain) / 10); \(max(0, after - before) / count) of memory (SQLite's cache)"
        )
    }

    /// Memory that the process has in use: on Linux the second field of `statm`, in pages.
    private static func residentBytes() -> Int {
        guard let file = FileHandle(forReadingAtPath: "/proc/self/statm"), let text = try? file.readToEnd() else {
            return 0
        }
        let fields = String(decoding: text, as: UTF8.self).split(separator: " ")
        return fields.count > 1 ? (Int(fields[1]) ?? 0) * 4_096 : 0
    }
}
