import Foundation
import Testing

extension EndToEnd {
    /// `nonevent judge`: recorded evidence in, verdicts out, without a control plane.
    @Suite(.serialized) struct JudgeOfflineTests {
        struct Line: Decodable {
            struct Evidence: Decodable {
                var lnE: Double
                var threshold: Double
            }
            var t: Double
            var verdict: String
            var rule: String
            var evidence: [String: Evidence]
            var phi: Double
            var share: Double
            var why: String
        }

        static let checkTicks = [
            #"{"t":1,"candidate":{"requests":20,"bad":3},"baseline":{"requests":180,"bad":1}}"#,
            #"{"t":2,"candidate":{"requests":20,"bad":2},"baseline":{"requests":180,"bad":0}}"#,
            #"{"t":3,"candidate":{"requests":25,"bad":0},"baseline":{"requests":175,"bad":1}}"#,
        ]

        /// 200 requests/s, 5-s ticks, 10 % to the candidate, errors spread evenly at these rates.
        static func stream(_ count: Int, candidate: Double, baseline: Double = 0.001, more: String = "") -> [String] {
            var owed = (candidate: 0.0, baseline: 0.0)
            return (1...count).map { tick in
                owed = (owed.candidate + 100 * candidate, owed.baseline + 900 * baseline)
                let bad = (candidate: owed.candidate.rounded(.down), baseline: owed.baseline.rounded(.down))
                owed = (owed.candidate - bad.candidate, owed.baseline - bad.baseline)
                return #"{"t":\#(5 * tick),"candidate":{"requests":100,"bad":\#(bad.candidate)},"#
                    + #""baseline":{"requests":900,"bad":\#(bad.baseline)}\#(more)}"#
            }
        }

        static func lines(_ outcome: World.Outcome) throws -> [Line] {
            try outcome.out.split(separator: "\n").map { try JSONDecoder().decode(Line.self, from: Data($0.utf8)) }
        }

        @Test func oneRuleGivesTheCheckValue() throws {
            try World.with(serving: false) { world in
                let outcome = try world.judge(
                    Self.checkTicks, "--json", "--rule", "errors-undo", "--r0", "1.25", "--phi", "1", "--no-restart")
                #expect(outcome.code == 1, "\(outcome)")
                let found = try Self.lines(outcome).map { try #require($0.evidence["errors-undo"]).lnE }
                #expect(found.count == 3)
                for (found, expected) in zip(found, [3.101605649690, 6.602636107313, 5.040815967497]) {
                    #expect(abs(found - expected) < 1e-11)
                }
            }
        }

        @Test(arguments: [
            (700, 0.001, [] as [String], "promote", Int32(0)), (60, 0.001, ["--phi", "1"], "promote", 0),
            (200, 0.011, [], "undo", 1), (5, 0.001, [], "hold", 2), (740, 0.0022, [], "inconclusive", 2),
        ]) func theLastVerdictIsTheExitCode(
            count: Int, rate: Double, options: [String], verdict: String, code: Int32
        ) throws {
            try World.with(serving: false) { world in
                let ticks = Self.stream(count, candidate: rate)
                let outcome = try world.judge(ticks, ["--json", "--tick", "5"] + options)
                let lines = try Self.lines(outcome)
                #expect(lines.map(\.t) == (1...count).map { Double(5 * $0) })
                #expect(lines.last?.verdict == verdict, "\(lines.last?.why ?? "")")
                #expect(outcome.code == code)
                #expect(outcome.err.isEmpty)
                let plain = try world.judge(ticks, ["--tick", "5"] + options)
                #expect(plain.code == code)
                #expect(plain.out.contains("  verdict  \(verdict)"), "\(plain)")
                #expect(plain.out.contains("  ratio    ") && plain.out.contains("  failed   "), "\(plain)")
                #expect(!plain.out.contains("\u{1B}"), "colour is for terminals")
            }
        }

        @Test func recordedTicksAreTicks() throws {
            try World.with(serving: false) { world in
                let more = #","share":0.1,"phi":2,"phiSource":"measured","verdict":{"t":1,"verdict":"hold"},"new":[1]"#
                let outcome = try world.judge(Self.stream(30, candidate: 0.001, more: more), "--json")
                let lines = try Self.lines(outcome)
                #expect(outcome.code == 2 && lines.count == 30, "\(outcome.err)")
                #expect(lines.last?.phi == 2)
                #expect(lines.first?.share == 0.1)
                #expect(try #require(lines.last?.share) > 0.1, "it proposes a larger share")
            }
        }

        @Test(arguments: [
            ("the keys of judge", "dispersion: 7\n"), ("some of a service file", "judge:\n  dispersion: 7\n"),
            (
                "a service file",
                """
                service: shop
                run:
                  command: ["./shop"]
                slo: { availability: 99.9% }
                judge: { dispersion: 7 }

                """
            ),
        ]) func theConfigurationHasThreeForms(form: String, text: String) throws {
            try World.with(serving: false) { world in
                try text.write(toFile: world.tree + "/judge.yaml", atomically: true, encoding: .utf8)
                let outcome = try world.judge(Self.checkTicks, "--json", "--config", "judge.yaml")
                #expect(try Self.lines(outcome).map(\.phi) == [7, 7, 7], "\(form): \(outcome)")
                let told = try world.judge(Self.checkTicks, "--json", "--config", "judge.yaml", "--phi", "2")
                #expect(try Self.lines(told).map(\.phi) == [2, 2, 2], "\(form): \(told)")
            }
        }

        @Test func aPictureIsDrawn() throws {
            try World.with(serving: false) { world in
                try "rules:\n  slo: { dryRun: true }\n"
                    .write(toFile: world.tree + "/judge.yaml", atomically: true, encoding: .utf8)
                let ticks = Self.stream(3000, candidate: 0.011, more: #","share":0.1"#)
                let outcome = try world.judge(ticks, "--svg", "evidence.svg", "--config", "judge.yaml")
                #expect(outcome.code == 1, "\(outcome)")
                let data = try Data(contentsOf: URL(filePath: world.tree + "/evidence.svg"))
                #expect(data.count < 200_000)
                try world.tool("python3", "-c", "import xml.dom.minidom as x; x.parse('evidence.svg')")
                let text = String(decoding: data, as: UTF8.self)
                for part in ["<svg", "<title>undo: ", "errors-undo", "decides", "candidate&apos;s share"] {
                    #expect(text.replacingOccurrences(of: "'", with: "&apos;").contains(part), "\(part)")
                }
                #expect(!text.contains("<script"))
                let points = text.split(separator: "points=\"").map { $0.prefix { $0 != "\"" }.split(separator: " ") }
                #expect(points.allSatisfy { $0.count <= 2000 }, "a step of the share has two points")
                let nowhere = try world.judge(ticks, "--svg", "nowhere/evidence.svg")
                #expect(nowhere.code == 64 && nowhere.err.contains("nowhere/evidence.svg"), "\(nowhere)")
            }
        }

        @Test func eachLineIsJudgedAsItComes() throws {
            try World.with(serving: false) { world in
                let pipe = world.root + "/pipe"
                try world.tool("mkfifo", pipe)
                let process = try world.startShell("exec \"$0\" judge --json < \(pipe)", World.binary)
                let writer = try #require(FileHandle(forWritingAtPath: pipe))
                for (index, tick) in Self.checkTicks.enumerated() {
                    try writer.write(contentsOf: Data((tick + "\n").utf8))
                    let isThere = Poll.until(.seconds(10)) {
                        process.output.count { $0 == "\n" } == index + 1
                    }
                    #expect(isThere, "\(process.output)")
                }
                #expect(process.exitCode() == nil)
                try writer.close()
                #expect(process.wait(within: .seconds(10)) == 2)
            }
        }
    }
}

extension World {
    /// `nonevent judge` with these lines on its standard input.
    func judge(_ lines: [String], _ options: String...) throws -> Outcome { try judge(lines, options) }

    func judge(_ lines: [String], _ options: [String]) throws -> Outcome {
        let path = root + "/ticks.jsonl"
        try lines.map { $0 + "\n" }.joined().write(toFile: path, atomically: true, encoding: .utf8)
        let process = try startShell("exec \"$0\" judge \"$@\" < \(path)", Self.binary, options)
        let code = process.wait(within: .seconds(60))
        return Outcome(code: code, out: process.output, err: process.errors, seconds: 0)
    }

    /// A shell whose `$0` is a program: a way to give it a standard input.
    func startShell(_ script: String, _ program: String, _ arguments: [String] = []) throws -> Spawned {
        try Spawned(
            ["/bin/sh", "-c", script, program] + arguments,
            environment: ["PATH": "/usr/bin:/bin", "HOME": root, "NO_COLOR": "1", "LANG": "C.UTF-8"],
            directory: tree, output: root + "/shell")
    }
}
