import DeliveryModel

/// What one step of the demo came to.
struct DemoRow: Sendable, Equatable, Codable {
    var name: String
    var commit: String
    var release: String
    /// `complete`, `undone at 25%`, `back on v1`.
    var outcome: String
    /// Answered or failed from this step's beginning to the next one's.
    var requests: Int
    /// Requests without answer, or answered 5xx.
    var errors: Int
    /// Those of the errors that the faulty candidate made itself.
    var errorsOfCandidate: Int
    /// From the rollout's beginning to its end; `nil` for an undo by hand.
    var secondsToDecision: Double?
    /// From the journal's time of the undo to the last answer of that release that began after it; 0 when there was
    /// none.
    var millisecondsToGone: Double?
    var why: String
    /// What should not have been, in sentences.
    var problems: [String]
}

struct DemoReport: Sendable, Equatable, Codable {
    var ok: Bool
    var requestsPerSecond: Int
    var seconds: Double
    var requests: Int
    var errors: Int
    var steps: [DemoRow]

    init(rate: Int, seconds: Double, steps: [DemoRow]) {
        ok = steps.allSatisfy { $0.problems.isEmpty }
        requestsPerSecond = rate
        self.seconds = seconds
        requests = steps.reduce(0) { $0 + $1.requests }
        errors = steps.reduce(0) { $0 + $1.errors }
        self.steps = steps
    }

    /// The table at the end, and what was wrong.
    func lines(_ text: TerminalText) -> [String] {
        // Aligned on paper, too: this table is for a person even in a file.
        var table = TextTable([
            "release", "outcome", "requests meanwhile", "errors people saw", "seconds to decision",
            "ms to traffic gone",
        ])
        for row in steps {
            table.add([
                row.name, row.outcome, String(row.requests), String(row.errors),
                row.secondsToDecision.map { Self.rounded($0) } ?? "-",
                row.millisecondsToGone.map { $0 == 0 ? "at once" : Self.rounded($0) } ?? "-",
            ])
        }
        let aligned = TerminalText(isTerminal: true, hasColour: text.hasColour)
        var lines = [""] + table.lines(aligned) + [""]
        for row in steps {
            lines += row.problems.map { text.paint("wrong: ", .red) + row.name + ": " + $0 }
        }
        let blame = errors == 0 ? "" : ", all made by faulty candidates"
        let total = "\(requests) requests in \(Int(seconds.rounded())) s, \(errors) errors\(blame)"
        lines.append(
            ok
                ? text.paint("All as it should be: ", .green) + total + "."
                : text.paint("Not as it should be.", .red))
        return lines
    }

    private static func rounded(_ number: Double) -> String { "\((number * 10).rounded() / 10)" }
}
