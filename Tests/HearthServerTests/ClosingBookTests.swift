import Foundation
import Testing

@testable import HearthServer

@Suite struct `The closes that a server remembers` {
    private func record(_ number: Int) -> ClosingRecord {
        ClosingRecord(
            at: Int64(number), room: "hall \"\(number % 7)\"", session: "session\(number)", trace: "trace\(number)",
            remote: "192.0.2.7:\(number)", code: 1006, cause: "line\none, or \u{1F525}")
    }

    @Test func `are the last ones, found by session or trace, and told as they were`() {
        let book = ClosingBook(folder: nil)
        for number in 0..<10_000 { book.note(record(number)) }
        for number in [5_904, 7_000, 9_999] {
            #expect(book.closings(of: "session\(number)") == [record(number)])
            #expect(book.closings(of: "trace\(number)") == [record(number)])
        }
        #expect(book.closings(of: "session0").isEmpty && book.closings(of: "session4000").isEmpty)
    }

    @Test func `come with the latest first`() {
        let book = ClosingBook(folder: nil)
        for number in 0..<3 {
            var closing = record(number)
            closing.session = "ann"
            book.note(closing)
            book.note(record(number + 100))
        }
        #expect(book.closings(of: "ann").map(\.at) == [2, 1, 0])
    }

    @Test func `lie in files, and not in memory as well`() throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "hearth-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let book = ClosingBook(folder: folder)
        for number in 0..<5_000 { book.note(record(number)) }
        #expect(book.closings(of: "session4999") == [record(4_999)])
        #expect(book.closings(of: "trace1000") == [record(1_000)])
        #expect(book.closings(of: "session").isEmpty && book.closings(of: "hall \"1\"").isEmpty)
        var strange = record(5_000)
        strange.session = "an \"odd\"\none"
        book.note(strange)
        #expect(book.closings(of: strange.session) == [strange])
        #expect(book.countInMemory == 0)
        #expect(ClosingBook(folder: folder).closings(of: "session4999") == [record(4_999)], "also by the next server")
    }

    @Test func `stay in memory where a file cannot be had, and are told with those of before`() throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "hearth-\(UUID().uuidString)").path
        let book = ClosingBook(folder: folder)
        var (early, late) = (record(1), record(2))
        early.session = "ann"
        late.session = "ann"
        book.note(early)
        book.flush()
        #expect(book.countInMemory == 1)
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        book.note(late)
        #expect(book.closings(of: "ann") == [late, early])
        #expect(book.countInMemory == 1)
    }

    @Test func `take a megabyte, however many there were and however long what they say is`() {
        var lines = ClosingLines()
        for number in 0..<100_000 { lines.append(Array(repeating: UInt8(ascii: "x"), count: 150 + number % 100)) }
        let bytes = lines.blocks.reduce(0) { $0 + $1.bytes.capacity }
        #expect(bytes < 1_100_000, "\(bytes)")
        #expect(lines.blocks.reduce(0) { $0 + $1.count } < ClosingBook.max + 300)
        lines.append(Array(repeating: UInt8(ascii: "x"), count: 100_000))
        #expect(lines.blocks.last?.count == 1)
    }
}
