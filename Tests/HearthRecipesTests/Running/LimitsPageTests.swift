import Foundation
import HearthRecipes
import Testing

@Suite struct `Docs/limits.md` {
    static let root = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../..").standardized
    static let page = (try? String(contentsOf: root.appending(path: "Docs/limits.md"), encoding: .utf8)) ?? ""

    /// The cells of the rows whose first one is a name.
    static var rows: [[String]] {
        page.split(separator: "\n").filter { $0.hasPrefix("| `") }.map { line in
            line.split(separator: "|", omittingEmptySubsequences: false).dropFirst().dropLast()
                .map { $0.filter { $0 != "`" }.trimmingCharacters(in: .whitespaces) }
        }
    }

    @Test func `has every limit of a recipe with its kind, unit and default`() {
        let told = Self.rows.filter { $0.count == 5 }.map { Array($0.prefix(4)) }
        let limits = RecipeLimits.all.map {
            [$0.name, $0.kind, $0.unit, String($0.value(in: RecipeLimits()))]
        }
        #expect(Set(told) == Set(limits))
        #expect(told.count == limits.count)
    }

    @Test func `has every limit of a room with its default`() throws {
        let source = try String(
            contentsOf: Self.root.appending(path: "Sources/HearthRooms/RoomLimits.swift"), encoding: .utf8)
        let limits = source.matches(of: /package var (\w+)(?:: Int64)? = ([\d_]+)/).map {
            [String($0.1), $0.2.filter { $0 != "_" }]
        }
        #expect(limits.count > 10)
        let told = Self.rows.filter { $0.count == 3 }.map { Array($0.prefix(2)) }
        #expect(Set(told) == Set(limits))
    }

    @Test func `lists each limit once`() {
        #expect(Set(RecipeLimits.all.map(\.name)).count == RecipeLimits.all.count)
        let kinds = RecipeLimits.all.map(\.kind).filter { !$0.isEmpty }
        #expect(Set(kinds).count == kinds.count)
    }
}
