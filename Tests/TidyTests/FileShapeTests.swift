import Testing

@Suite struct FileShapeTests {
    static let lineLimit = 400
    static let widthLimit = 120

    @Test func noFileIsTooLong() throws {
        for file in try Tree.swift() {
            let count = file.lines.count - 1
            #expect(count <= Self.lineLimit, "\(file.path) has \(count) lines; split it by aspects")
        }
    }

    @Test func noLineIsTooWide() throws {
        for file in try Tree.swift() {
            for (number, line) in file.lines.enumerated() where line.count > Self.widthLimit {
                Issue.record("\(file.path):\(number + 1) is \(line.count) wide; \(Self.widthLimit) are allowed")
            }
        }
    }

    @Test func noLineEndsInWhitespace() throws {
        let files =
            try Tree.swift()
            + ["Docs", "Examples"].filter(Tree.exists).flatMap {
                try Tree.files($0, endings: [".md", ".sh", ".yaml", ".conf"])
            }
        for file in files {
            for (number, line) in file.lines.enumerated() where line.last?.isWhitespace == true {
                Issue.record("\(file.path):\(number + 1) ends in whitespace")
            }
            #expect(file.text.hasSuffix("\n"), "\(file.path) does not end with a line end")
        }
    }

    @Test func nothingIsLeftForLater() throws {
        // Put together here, so that this file does not find itself.
        let marks = ["TO" + "DO", "FIX" + "ME", "X" + "XX"]
        for file in try Tree.swift() {
            for (number, line) in file.lines.enumerated() {
                for mark in marks where line.split(whereSeparator: { !$0.isLetter }).contains(Substring(mark)) {
                    Issue.record("\(file.path):\(number + 1) leaves something for later: \(mark)")
                }
            }
        }
    }
}
