import Foundation
import HearthSQLite
import HearthStore
import HearthStoreLaws
import Testing

#if canImport(Glibc)
    import Glibc
#endif

@Suite("A full disk")
struct FullDiskTests {
    @Test(
        "is told as full, nothing of the commit remains, and writes go on when there is room",
        .enabled(if: TinyDisk.isPermitted))
    func tellsAndRecovers() throws {
        let disk = try TinyDisk(megabytes: 2)
        let store = try SQLiteStore(folder: disk.path + "/data")
        try store.grow("hall", facts: 10)
        let ballast = disk.path + "/ballast"
        var failure: StoreError?
        var position = try store.record(room: "hall")?.position ?? .start
        try Data(count: 1 << 20).write(to: URL(fileURLWithPath: ballast))
        for _ in 0..<100 where failure == nil {
            let large = String(repeating: "x", count: 20_000)
            let write = RoomWrite.appending(["{\"large\":\"\(large)\"}"], to: "hall", after: position)
            do {
                try store.commit([write])
                position = write.facts.last.map { RoomPosition(seq: $0.seq, head: $0.id) } ?? position
            } catch {
                failure = error
            }
        }
        guard case .full? = failure else {
            Issue.record("\(String(describing: failure)) is not full")
            return
        }
        #expect(try store.load(room: "hall")?.record.position == position)
        try FileManager.default.removeItem(atPath: ballast)
        try store.commit([.appending(["{}"], to: "hall", after: position)])
        #expect(try store.verify(room: "hall").findings.isEmpty)
        store.close()
    }
}

/// A file system of a few megabytes, where mounting one is permitted.
final class TinyDisk {
    let path: String

    static let isPermitted: Bool = {
        guard let disk = try? TinyDisk(megabytes: 1) else { return false }
        return !disk.path.isEmpty
    }()

    init(megabytes: Int) throws {
        path = NSTemporaryDirectory() + "hearth-disk-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        guard mount("tmpfs", path, "tmpfs", 0, "size=\(megabytes)m") == 0 else {
            rmdir(path)
            throw POSIXError(.EPERM)
        }
    }

    deinit {
        umount(path)
        rmdir(path)
    }
}
