/// Rows in columns as wide as their widest cell; the last column is not padded.
struct TextTable {
    private var rows: [[String]] = []
    private let heading: [String]

    init(_ heading: [String]) { self.heading = heading }

    mutating func add(_ row: [String]) { rows.append(row) }

    /// - Returns: lines without line ends; the heading alone stands for no rows.
    func lines(_ text: TerminalText, indent: String = "") -> [String] {
        // Without a terminal a program reads: tabs between cells, no heading.
        guard text.isTerminal else { return rows.map { $0.joined(separator: "\t") } }
        let widths = heading.indices.map { column in
            ([heading] + rows).map { $0[column].count }.max() ?? 0
        }
        func line(_ row: [String]) -> String {
            let cells = row.enumerated().map { column, cell in
                column == row.count - 1 ? cell : cell + String(repeating: " ", count: widths[column] - cell.count)
            }
            return indent + cells.joined(separator: "  ")
        }
        return [text.paint(line(heading), .dim)] + rows.map(line)
    }
}
