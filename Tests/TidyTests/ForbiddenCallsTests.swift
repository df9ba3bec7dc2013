import Testing

@Suite struct ForbiddenCallsTests {
    struct Rule: CustomTestStringConvertible {
        /// What stands before must be neither letter nor digit, so that `fingerprint(` is no `print(`.
        var text: String
        var instead: String
        var rooms: @Sendable (String) -> Bool = { _ in true }
        var testDescription: String { text }
    }

    static let rules: [Rule] = [
        Rule(text: "try" + "!", instead: "throw, or precondition with a reason"),
        Rule(text: "fatalError" + "(", instead: "throw for the world's errors, precondition for ours"),
        Rule(text: "print" + "(", instead: "logging, or StandardOutput in the commands", rooms: { $0 != "nonevent" }),
        Rule(text: "Foundation" + ".Process", instead: "swift-subprocess"),
        Rule(text: "URL" + "Session", instead: "AsyncHTTPClient"),
    ]

    @Test(arguments: rules) func isUsedNowhere(_ rule: Rule) throws {
        for file in try Tree.sources() {
            let room = String(file.path.split(separator: "/")[1])
            guard rule.rooms(room) else { continue }
            for (number, line) in file.lines.enumerated() where Self.contains(code(line), rule.text) {
                Issue.record("\(file.path):\(number + 1) uses \(rule.text); use \(rule.instead)")
            }
        }
    }

    @Test func theSearchFindsWhatItShould() {
        #expect(Self.contains("    print" + "(x)", "print" + "("))
        #expect(!Self.contains("    fingerprint" + "(x)", "print" + "("))
        #expect(!Self.contains(code("    // print" + "(x)"), "print" + "("))
        #expect(Self.contains("let x = try" + "! y()", "try" + "!"))
    }

    private static func contains(_ line: String, _ text: String) -> Bool {
        var from = line.startIndex
        while let found = line.range(of: text, in: from) {
            let before = found > line.startIndex ? line[line.index(before: found)] : " "
            if !before.isLetter, !before.isNumber, before != "." { return true }
            from = line.index(after: found)
        }
        return false
    }
}

extension String {
    /// Where `text` begins, not before `from`.
    fileprivate func range(of text: String, in from: Index) -> Index? {
        var at = from
        while at < endIndex {
            if self[at...].hasPrefix(text) { return at }
            at = index(after: at)
        }
        return nil
    }
}
