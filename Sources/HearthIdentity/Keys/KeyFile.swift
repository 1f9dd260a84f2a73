#if canImport(Glibc)
    internal import Glibc
#else
    internal import Darwin
#endif

/// A file with keys, and how to tell that it is another one than before.
package struct KeyFile: Sendable, Hashable {
    package let path: String

    /// 1 MiB: far more than any set of keys.
    private static let bytesMax = 1 << 20

    package init(_ path: String) { self.path = path }

    /// What tells one state of a file from another: also when a link to it is turned to another file of the same size.
    package struct Stamp: Sendable, Hashable {
        private let device, inode, size, seconds, nanoseconds, changedSeconds, changedNanoseconds: Int64

        init(_ status: stat) {
            device = Int64(bitPattern: UInt64(status.st_dev))
            inode = Int64(bitPattern: UInt64(status.st_ino))
            size = Int64(status.st_size)
            #if canImport(Glibc)
                (seconds, nanoseconds) = (Int64(status.st_mtim.tv_sec), Int64(status.st_mtim.tv_nsec))
                (changedSeconds, changedNanoseconds) = (Int64(status.st_ctim.tv_sec), Int64(status.st_ctim.tv_nsec))
            #else
                (seconds, nanoseconds) = (Int64(status.st_mtimespec.tv_sec), Int64(status.st_mtimespec.tv_nsec))
                (changedSeconds, changedNanoseconds) = (
                    Int64(status.st_ctimespec.tv_sec), Int64(status.st_ctimespec.tv_nsec)
                )
            #endif
        }
    }

    /// The file's present state; nil when it is not there.
    package var stamp: Stamp? {
        var status = stat()
        return stat(path, &status) == 0 ? Stamp(status) : nil
    }

    /// - Throws: `KeyError` with the path and what the system says.
    package func read() throws(KeyError) -> [UInt8] {
        let file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard file >= 0 else { throw KeyError("\(path): \(String(cString: strerror(errno)))") }
        defer { close(file) }
        var bytes: [UInt8] = []
        var part = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = part.withUnsafeMutableBytes { readPart(file, $0) }
            if count == 0 { return bytes }
            guard count > 0 else { throw KeyError("\(path): \(String(cString: strerror(errno)))") }
            bytes += part[..<count]
            guard bytes.count <= Self.bytesMax else { throw KeyError("\(path): longer than \(Self.bytesMax) bytes") }
        }
    }

    private func readPart(_ file: CInt, _ bytes: UnsafeMutableRawBufferPointer) -> Int {
        #if canImport(Glibc)
            Glibc.read(file, bytes.baseAddress, bytes.count)
        #else
            Darwin.read(file, bytes.baseAddress, bytes.count)
        #endif
    }
}
