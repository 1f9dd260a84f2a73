internal import CLuaBridge

/// How often each line of some files ran, over all VMs that were opened with it.
package final class LineCoverage: @unchecked Sendable {
    // @unchecked because counts are written by the thread that runs the VMs, one at a time, and read when it has ended.
    package let files: [SourceFile]
    let table: UnsafeMutableBufferPointer<bridge_covered_file>

    package init(of files: [SourceFile]) {
        self.files = files
        table = .allocate(capacity: files.count)
        for (place, file) in files.enumerated() {
            let path = file.path.utf8CString
            let name = UnsafeMutableBufferPointer<CChar>.allocate(capacity: path.count)
            _ = name.initialize(from: path)
            let lines = Self.lines(of: file)
            let counts = UnsafeMutablePointer<UInt32>.allocate(capacity: lines)
            counts.initialize(repeating: 0, count: lines)
            table.initializeElement(
                at: place, to: bridge_covered_file(path: name.baseAddress, counts: counts, lines: lines))
        }
    }

    deinit {
        for file in table {
            file.path.deallocate()
            file.counts.deallocate()
        }
        table.deallocate()
    }

    /// One more than there are lines: they are counted from 1.
    private static func lines(of file: SourceFile) -> Int {
        file.text.utf8.reduce(2) { $0 + ($1 == UInt8(ascii: "\n") ? 1 : 0) }
    }

    /// How often each line of a file ran that has code on it, by its number from 1. Lines that only close what others
    /// opened (`end`, brackets, `else`) are left out: whether one counts as run depends on the compiler.
    ///
    /// - Returns: nil when Lua cannot tell which lines have code, as for a file with a syntax error.
    package func counts(ofFile place: Int) -> [Int: UInt32]? {
        let covered = table[place]
        var active = [UInt8](repeating: 0, count: covered.lines)
        var text = files[place].text
        let isKnown = text.withUTF8 { bytes in
            bytes.withMemoryRebound(to: CChar.self) {
                $0.baseAddress.map { bridge_active_lines($0, bytes.count, &active, covered.lines) } ?? true
            }
        }
        guard isKnown else { return nil }
        var counts: [Int: UInt32] = [:]
        let lines = files[place].text.split(separator: "\n", omittingEmptySubsequences: false)
        for (number, line) in zip(1..., lines) where active[number] != 0 {
            if covered.counts[number] > 0 || !Self.onlyCloses(line) { counts[number] = covered.counts[number] }
        }
        return counts
    }

    private static func onlyCloses(_ line: Substring) -> Bool {
        let words = line.filter { !",;()[]{}".contains($0) }.split { $0 == " " || $0 == "\t" || $0 == "\r" }
        return words.allSatisfy { $0 == "end" || $0 == "else" }
    }
}
