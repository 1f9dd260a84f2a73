internal import HearthStore

#if canImport(Glibc)
    internal import Glibc
#else
    internal import Darwin
#endif

/// Where snapshots lie: a file each, beside the database and not in it.
///
/// Within the database a large one would be a large transaction, and everybody's commits would wait for it. As a file it goes to
/// the disk share by share, each with an fsync of its own, between which those of commits find their turn; it gets its
/// name when it is whole. `12/12345/678` is the snapshot of seq 678 of the room with the number 12345.
struct SnapshotFolder: Sendable {
    static let name = "snapshots"

    /// Whether a room is there and has a fact of this seq and id.
    typealias Log = (UInt64, Hash) throws(StoreError) -> Bool

    private let path: String
    private let database: String
    private let faults: FaultPlan?
    private let onTrouble: (@Sendable (String) -> Void)?

    /// What a file that is not whole yet is called begins so.
    private static let unfinished = ".new-"
    /// An empty file that says whose room is being deleted begins so.
    private static let removed = ".gone-"

    /// - Parameter data: the data folder.
    init(in data: String, _ configuration: SQLiteStoreConfiguration) {
        path = data + "/" + SnapshotFolder.name
        database = data + "/" + SQLiteStore.fileName
        faults = configuration.faults
        onTrouble = configuration.onTrouble
    }

    private func shard(of room: Int64) -> String { "\(path)/\(room / 1_000)" }
    private func folder(of room: Int64) -> String { "\(shard(of: room))/\(room)" }
    private func file(of room: Int64, _ seq: UInt64) -> SnapshotFile {
        SnapshotFile(path: "\(folder(of: room))/\(seq)", seq: seq)
    }
}

// MARK: - Reading

extension SnapshotFolder {
    /// The seqs of a room's snapshots, rising.
    /// - Throws: `corrupt` when they cannot be listed.
    func positions(of room: Int64) throws(StoreError) -> [UInt64] {
        guard let names = names(in: folder(of: room)) else {
            let reason = String(cString: strerror(errno))
            throw .corrupt(
                room: nil, seq: nil, detail: "the snapshots in \(folder(of: room)) cannot be listed: \(reason)")
        }
        return names.compactMap { UInt64($0) }.sorted()
    }

    /// - Returns: nil when there is none of the room's log.
    /// - Throws: `corrupt` when it cannot be read, or is not what was written.
    func read(_ seq: UInt64, of room: Int64, isOfLog: Log) throws(StoreError) -> StoredSnapshot? {
        try file(of: room, seq).read { head throws(StoreError) in try isOfLog(seq, head) }
    }

    /// - Returns: none for a folder that is not there; nil, and `errno`, for one that cannot be read.
    private func names(in folder: String) -> [String]? {
        guard let stream = opendir(folder) else { return errno == ENOENT ? [] : nil }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            names.append(
                withUnsafePointer(to: &entry.pointee.d_name) { name in
                    name.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
                })
        }
        return names
    }
}

// MARK: - Writing

extension SnapshotFolder {
    /// Writes a snapshot durably, and removes those that it makes superfluous.
    /// - Returns: false when the snapshot is not of the room's log, or not any more; nothing has changed then.
    /// - Throws: `full` or `unavailable`; nothing has changed then either.
    func keep(_ snapshot: StoredSnapshot, of room: Int64, isOfLog: Log) throws(StoreError) -> Bool {
        let unfinished = SnapshotFile(
            path: "\(path)/\(SnapshotFolder.unfinished)\(room)-\(snapshot.seq)-\(getpid())", seq: snapshot.seq)
        var isKept = false
        defer {
            if !isKept {
                unlink(unfinished.path)
                // Only where it is empty.
                rmdir(folder(of: room))
            }
        }
        let owner = FileOwner(of: database)
        try makeFolder(of: room, owner)
        try checkSpace(for: snapshot.state.count)
        try unfinished.write(snapshot, owner: owner, faults: faults)
        guard try isOfLog(snapshot.seq, snapshot.head) else { return false }
        try faults?.step()
        // A room that is deleted at this moment has lost its folder: then this fails.
        guard rename(unfinished.path, file(of: room, snapshot.seq).path) == 0 else {
            throw SystemFailure.last("\(unfinished.path) cannot be renamed")
        }
        isKept = true
        thin(room, isOfLog)
        return true
    }

    private func makeFolder(of room: Int64, _ owner: FileOwner?) throws(StoreError) {
        for folder in [path, shard(of: room), folder(of: room)] {
            if mkdir(folder, 0o750) == 0 {
                owner?.own(folder)
            } else if errno != EEXIST {
                throw SystemFailure.last("the folder \(folder) cannot be made")
            }
        }
    }

    /// The last of the disk is for commits.
    private func checkSpace(for bytes: Int) throws(StoreError) {
        var status = statvfs()
        guard statvfs(path, &status) == 0 else { throw SystemFailure.last("\(path) cannot be looked at") }
        let free = Int(clamping: UInt64(status.f_bavail)).multipliedReportingOverflow(
            by: Int(clamping: status.f_frsize))
        guard free.overflow || free.partialValue / 2 > bytes else {
            throw .full(detail: "a snapshot of \(bytes) bytes would take more than half of what is free")
        }
    }

    /// Of the latest ones, those go that are of no log any more, as after the restoring of an older backup, and the one that the
    /// others make superfluous. What cannot be read now stays.
    private func thin(_ room: Int64, _ isOfLog: Log) {
        var latest: [UInt64] = []
        for seq in (try? positions(of: room))?.reversed() ?? [] where latest.count < 4 {
            guard let head = try? file(of: room, seq).head(), let isOurs = try? isOfLog(seq, head) else { continue }
            if isOurs { latest.append(seq) } else { remove(file(of: room, seq).path) }
        }
        if let seq = SnapshotRetention.removable(latest: latest) { remove(file(of: room, seq).path) }
    }
}

// MARK: - Removing

extension SnapshotFolder {
    /// Notes that a room is about to be deleted: a process that is killed before it has removed its snapshots leaves word.
    func announceRemoval(of room: Int64) {
        if access(folder(of: room), F_OK) != 0, errno == ENOENT { return }
        let descriptor = open(note(of: room), O_WRONLY | O_CREAT | O_CLOEXEC, 0o640)
        if descriptor < 0 { return tell("\(note(of: room)) cannot be made") }
        FileOwner(of: database)?.own(descriptor)
        close(descriptor)
    }

    /// The room was not deleted after all.
    func withdrawRemoval(of room: Int64) { unlink(note(of: room)) }

    /// Removes the snapshots of a room that has been deleted. Where that fails the note stays, for the next start.
    func removeAll(of room: Int64) {
        let folder = folder(of: room)
        if rmdir(folder) != 0, errno != ENOENT {
            for name in names(in: folder) ?? [] where !name.hasPrefix(".") { remove("\(folder)/\(name)") }
            guard rmdir(folder) == 0 || errno == ENOENT else {
                return tell("the snapshots of a deleted room, in \(folder), cannot be removed")
            }
        }
        withdrawRemoval(of: room)
    }

    private func note(of room: Int64) -> String { "\(path)/\(SnapshotFolder.removed)\(room)" }

    private func remove(_ file: String) {
        if unlink(file) != 0, errno != ENOENT { tell("\(file) cannot be removed") }
    }

    private func tell(_ what: String) { onTrouble?("\(what): \(String(cString: strerror(errno)))") }

    /// Does away with what a killed process left: what it was writing, and what it was about to remove.
    func tidy(isThere: (Int64) throws(StoreError) -> Bool) throws(StoreError) {
        for name in names(in: path) ?? [] {
            if name.hasPrefix(SnapshotFolder.unfinished) { remove("\(path)/\(name)") }
            guard name.hasPrefix(SnapshotFolder.removed), let room = Int64(name.dropFirst(SnapshotFolder.removed.count))
            else { continue }
            if try isThere(room) { withdrawRemoval(of: room) } else { removeAll(of: room) }
        }
    }
}
