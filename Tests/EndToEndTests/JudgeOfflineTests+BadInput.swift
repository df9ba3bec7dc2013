import Foundation
import Testing

extension EndToEnd.JudgeOfflineTests {
    struct BadLine: Sendable, CustomTestStringConvertible {
        var text: String
        var says: String
        var testDescription: String { says }
    }

    static let badLines = [
        BadLine(text: #"{"t":5,"candidate":{"requests":-1}}"#, says: #"candidate: expected "requests" of 0 or more"#),
        BadLine(text: #"{"t":5,"candidate":{"requests":NaN}}"#, says: "numbers as JSON has them"),
        BadLine(text: #"{"t":5,"baseline":{"requests":5,"bad":NaN}}"#, says: "numbers as JSON has them"),
        BadLine(text: #"{"t":5,"baseline":{"requests":1e999}}"#, says: "numbers as JSON has them"),
        BadLine(text: #"{"t":5,"baseline":{"requests":1,"bad":2}}"#, says: "baseline: 2.0 bad of only 1.0 requests"),
        BadLine(text: #"{"t":0.5}"#, says: "time goes backwards"),
        BadLine(text: #"{"t":-1}"#, says: #"expected "t" in seconds"#),
        BadLine(text: "{}", says: #"expected "t", found none"#),
        BadLine(text: #"{"t":"5"}"#, says: "t: expected a number, found a string"),
        BadLine(text: "[5]", says: "expected a JSON object"),
        BadLine(text: "ticks", says: "expected a tick as one JSON object a line"),
        BadLine(text: #"{"t":5,"share":1.5}"#, says: "share: expected a share from 0 to 1, found 1.5"),
        BadLine(text: #"{"t":5,"phi":0.5}"#, says: #"expected "phi" of 1 or more"#),
        BadLine(text: #"{"t":5,"candidate":{"latency":{"slow":1}}}"#, says: "expected a bucket's number"),
        BadLine(text: #"{"t":5,"counts":{"orders":{"candidate":-1}}}"#, says: "counts.orders"),
        BadLine(text: #"{"t":5,"gauges":{"rss":{"candidate":[1,"x"]}}}"#, says: "gauges.rss.candidate"),
        BadLine(
            text: #"{"t":5,"candidate":{"requests":9,"errors":9}}"#,
            says: #"unknown name "candidate.errors"; expected one of requests, bad, latency"#),
        BadLine(text: #"{"t":5,"candidat":{}}"#, says: #"unknown name "candidat""#),
        BadLine(text: #"{"t":5,"candidat":{}}"#, says: #"did you mean "candidate"?"#),
        BadLine(text: #"{"t":5,"counts":{"o":{"canary":1}}}"#, says: #"unknown name "counts.o.canary""#),
        BadLine(text: String(repeating: "x", count: 1_100_000), says: "at most 1048576 bytes"),
    ]

    @Test(arguments: badLines) func aBadLineEndsIt(_ bad: BadLine) throws {
        try World.with(serving: false) { world in
            // The blank line counts as a line, and is passed over.
            let ticks = [Self.checkTicks[0], "  ", bad.text, Self.checkTicks[2]]
            let outcome = try world.judge(ticks, "--json")
            #expect(outcome.code == 65, "\(outcome)")
            #expect(outcome.err.hasPrefix("nonevent: standard input:3: "), "\(outcome.err)")
            #expect(outcome.err.contains(bad.says), "\(outcome.err)")
            #expect(outcome.err.count { $0 == "\n" } == 1, "\(outcome.err)")
            #expect(try Self.lines(outcome).map(\.t) == [1], "what was judged before stays")
        }
    }

    @Test(arguments: [[], ["", "  "]]) func noTicksAreNoVerdict(_ lines: [String]) throws {
        try World.with(serving: false) { world in
            let outcome = try world.judge(lines, "--json")
            #expect(outcome.code == 65 && outcome.out.isEmpty, "\(outcome)")
            #expect(outcome.err.contains("expected ticks as JSON lines, found none"), "\(outcome)")
        }
    }

    @Test func aMissingArmIsNoEvidence() throws {
        try World.with(serving: false) { world in
            let outcome = try world.judge([#"{"t":1}"#, #"{"t":2,"baseline":{"requests":9}}"#], "--json")
            #expect(outcome.code == 2, "\(outcome)")
            #expect(try Self.lines(outcome).map(\.verdict) == ["hold", "hold"])
            #expect(try Self.lines(outcome)[0].rule == "no-data")
        }
    }

    @Test(arguments: [
        (["--rule", "errors-udo"], ["errors-udo", "did you mean 'errors-undo'?", "burn-rate", "dead-on-arrival"]),
        (["--rule", "errors-undo", "--grid", "1.5,1"], ["the grid contains 1"]),
        (["--rule", "errors-undo", "--grid", "0.5"], ["must be above 1"]),
        (["--rule", "errors-undo", "--grid", "1.5,,2"], ["--grid", "1.5,,2"]),
        (["--rule", "errors-undo", "--r0", "0"], ["r0 above 0"]),
        (["--rule", "errors-undo", "--slack", "1"], ["slack"]),
        (["--rule", "hard-stop", "--r0", "2"], ["no r0 and no grid"]),
        (["--alpha", "0"], ["--alpha", "above 0 and below 1"]), (["--alpha", "1"], ["--alpha"]),
        (["--beta", "nan"], ["--beta"]), (["--phi", "0.5"], ["phi of 1 or more"]), (["--tick", "0"], ["--tick"]),
        (["--r0", "2"], ["--r0", "--rule"]), (["--grid", "2"], ["--grid", "--rule"]),
        (["--slack", "0.1"], ["--slack", "--rule"]), (["--no-restart"], ["--no-restart", "--rule"]),
    ]) func badUseIsRefused(options: [String], says: [String]) throws {
        try World.with(serving: false) { world in
            let outcome = try world.judge(Self.checkTicks, options)
            #expect(outcome.code == 64 && outcome.out.isEmpty, "\(outcome)")
            for words in says { #expect(outcome.err.contains(words), "\(outcome)") }
        }
    }

    @Test(arguments: [
        ("alhpa: 0.1\n", ["judge.yaml:1:1", "alhpa", "did you mean 'alpha'?"]),
        ("judge:\n  rules:\n    errors-udo: off\n", ["judge.yaml:3:", "errors-undo"]),
        ("alpha: 2\n", ["judge.yaml:1:", "alpha"]), ("", ["judge.yaml:1:1"]),
    ]) func badConfigurationsAreRefused(text: String, says: [String]) throws {
        try World.with(serving: false) { world in
            try text.write(toFile: world.tree + "/judge.yaml", atomically: true, encoding: .utf8)
            let outcome = try world.judge(Self.checkTicks, "--config", "judge.yaml")
            #expect(outcome.code == 65 && outcome.out.isEmpty, "\(outcome)")
            for words in says { #expect(outcome.err.contains(words), "\(outcome)") }
            let missing = try world.judge(Self.checkTicks, "--config", "none.yaml")
            #expect(missing.code == 65 && missing.err.contains("none.yaml"), "\(missing)")
        }
    }
}
