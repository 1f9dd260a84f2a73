internal import HearthStore

#if canImport(Glibc)
    internal import Glibc
#else
    internal import Darwin
#endif

/// A snapshot as a file: a line that says of which fact it is and what its state's checksum is, then the state.
struct SnapshotFile: Sendable {
    let path: String
    let seq: UInt64

    /// Bytes on their way to the disk at a time.
    private static let shareBytes = 256 << 10
    /// A file that is larger is none of ours.
    private static let bytesMax = 4 << 30
    private static let headingMax = 256

    /// What the first line says, and where it ends.
    private struct Heading {
        var head: Hash
        var checksum: Hash
        var end: Int
    }

    private static func line(_ seq: UInt64, _ head: Hash, _ checksum: Hash) -> [UInt8] {
        Array("hearth-snapshot 1 \(seq) \(head.hex) \(checksum.hex)\n".utf8)
    }
}

// MARK: - Reading

extension SnapshotFile {
    /// The id of the fact that the snapshot is of; nil when there is no such file.
    /// - Throws: `corrupt` when it cannot be read, or is no snapshot.
    func head() throws(StoreError) -> Hash? {
        try opened { descriptor, count throws(StoreError) in
            try heading(in: try bytes(min(count, SnapshotFile.headingMax), of: descriptor)).head
        }
    }

    /// - Parameter isOfLog: whether the room has this fact. One of another log counts as none.
    /// - Returns: nil when there is none.
    /// - Throws: `corrupt` when it cannot be read, or is not what was written; what `isOfLog` throws.
    func read(isOfLog: (Hash) throws(StoreError) -> Bool) throws(StoreError) -> StoredSnapshot? {
        guard let head = try head(), try isOfLog(head) else { return nil }
        return try opened { descriptor, count throws(StoreError) in
            let bytes = try bytes(count, of: descriptor)
            let heading = try heading(in: bytes)
            let state = Array(bytes[heading.end...])
            guard heading.head == head, heading.checksum == SHA256.hash(state) else {
                throw damaged("it does not match its checksum")
            }
            return StoredSnapshot(seq: seq, state: state, head: head)
        }
    }

    /// - Returns: nil when there is no such file.
    private func opened<R>(_ body: (_ descriptor: Int32, _ bytes: Int) throws(StoreError) -> R) throws(StoreError) -> R?
    {
        // Something else in its place must not keep us waiting.
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW)
        guard descriptor >= 0 else {
            if errno == ENOENT { return nil }
            throw unreadable()
        }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw unreadable() }
        guard status.st_mode & S_IFMT == S_IFREG, status.st_size <= SnapshotFile.bytesMax else {
            throw damaged("it is no file that Hearth has written")
        }
        return try body(descriptor, Int(status.st_size))
    }

    private func bytes(_ count: Int, of descriptor: Int32) throws(StoreError) -> [UInt8] {
        var isRead = true
        let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, got in
            while got < count {
                let more = pread(descriptor, buffer.baseAddress.map { $0 + got }, count - got, off_t(got))
                if more < 0 && errno == EINTR { continue }
                isRead = more >= 0
                if more <= 0 { return }
                got += more
            }
        }
        guard isRead else { throw unreadable() }
        return bytes
    }

    private func heading(in bytes: [UInt8]) throws(StoreError) -> Heading {
        if let end = bytes.prefix(SnapshotFile.headingMax).firstIndex(of: UInt8(ascii: "\n")) {
            let words = String(decoding: bytes[..<end], as: UTF8.self).split(separator: " ").suffix(2).map(String.init)
            if words.count == 2, let head = Hash(hex: words[0]), let checksum = Hash(hex: words[1]),
                bytes[...end].elementsEqual(SnapshotFile.line(seq, head, checksum))
            {
                return Heading(head: head, checksum: checksum, end: end + 1)
            }
        }
        throw damaged("its first line is not that of a snapshot of this seq")
    }

    private func unreadable() -> StoreError { damaged(String(cString: strerror(errno))) }

    private func damaged(_ detail: String) -> StoreError {
        .corrupt(room: nil, seq: seq, detail: "the snapshot \(path) cannot be used: \(detail)")
    }
}

// MARK: - Writing

extension SnapshotFile {
    /// Writes it durably, a share at a time.
    /// - Throws: `full` or `unavailable`; part of it may be there then.
    func write(_ snapshot: StoredSnapshot, owner: FileOwner?, faults: FaultPlan?) throws(StoreError) {
        try faults?.step()
        let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0o640)
        guard descriptor >= 0 else { throw SystemFailure.last("\(path) cannot be made") }
        defer { close(descriptor) }
        owner?.own(descriptor)
        var end = try put(
            SnapshotFile.line(seq, snapshot.head, SHA256.hash(snapshot.state))[...], at: 0, of: descriptor)
        var rest = snapshot.state[...]
        repeat {
            try faults?.step()
            end = try put(rest.prefix(SnapshotFile.shareBytes), at: end, of: descriptor)
            rest = rest.dropFirst(SnapshotFile.shareBytes)
            guard SnapshotFile.sync(descriptor) else { throw SystemFailure.last("\(path) cannot be synced") }
        } while !rest.isEmpty
    }

    /// - Returns: where they end.
    private func put(_ bytes: ArraySlice<UInt8>, at start: off_t, of descriptor: Int32) throws(StoreError) -> off_t {
        var written = 0
        while written < bytes.count {
            let count = bytes.withUnsafeBytes { buffer in
                pwrite(
                    descriptor, buffer.baseAddress.map { $0 + written }, buffer.count - written, start + off_t(written))
            }
            if count < 0 && errno == EINTR { continue }
            guard count >= 0 else { throw SystemFailure.last("\(path) cannot be written") }
            written += count
        }
        return start + off_t(written)
    }

    private static func sync(_ descriptor: Int32) -> Bool {
        #if canImport(Glibc)
            fdatasync(descriptor) == 0
        #else
            fcntl(descriptor, F_FULLFSYNC) != -1
        #endif
    }
}

/// Whose the database is: what root writes beside it is theirs too, for a server of another user has to go on with it.
struct FileOwner: Sendable {
    private let user: uid_t
    private let group: gid_t

    /// - Returns: nil unless this process is root's and the file is there.
    init?(of file: String) {
        var status = stat()
        guard geteuid() == 0, stat(file, &status) == 0 else { return nil }
        user = status.st_uid
        group = status.st_gid
    }

    func own(_ descriptor: Int32) { _ = fchown(descriptor, user, group) }

    func own(_ path: String) { _ = lchown(path, user, group) }
}
