/// Rows under headings, columns as wide as they need to be.
struct Table {
    var headings: [String]
    var rows: [[String]] = []

    init(_ headings: String...) {
        self.headings = headings
    }

    var text: String {
        let all = [headings] + rows
        let widths = headings.indices.map { column in all.map { $0[column].count }.max() ?? 0 }
        return all.enumerated().map { index, row in
            let cells = row.enumerated().map { column, cell in
                column == row.count - 1 ? cell : cell + String(repeating: " ", count: widths[column] - cell.count)
            }
            let line = cells.joined(separator: "  ")
            return index == 0 ? Terminal.coloured(line, .dim) : line
        }.joined(separator: "\n")
    }
}
