import DeliveryModel
import Testing

private func problems(_ text: String) -> [ServiceFileProblem] {
    do {
        _ = try ServiceFileParser.parse(Array(text.utf8), file: "nonevent.yaml")
        return []
    } catch {
        return error.problems
    }
}

private let head = "service: shop\nrun:\n  command: [\"./shop\"]\n"

@Suite struct ServiceFileParserTests {
    @Test func wholeFileIsRead() throws {
        let text = """
            service: shop
            run:
              command: ["./shop", "--port", "$PORT", 8080]
              instances: 2
              environment: { LOG_LEVEL: info, DEBUG: true }
              ready: { path: /ready?full=1, within: 1m }
              stop: { grace: 0s }
            artifact: { include: ["bin/", "./assets"], config: ["config/production.yaml"] }
            route: { hosts: ["Shop.localhost"], paths: [/shop], preview: nobody }
            verify:
              smoke:
                - { path: /, method: POST, status: 201, contains: welcome, within: 500ms }
                - path: /two
            rollout: { steps: [0.05%, 1%, 25%, 100%], hold: 10m, soak: 7d, undo: { keepWarm: 1h } }
            slo: { availability: 99.95%, latency: { p50: 100ms, p99: 300ms } }
            judge: { limit: 2h, onInconclusive: undo, dispersion: 1.5 }
            retention: { releases: 3 }
            """
        let read = try ServiceFileParser.parse(Array(text.utf8), file: "nonevent.yaml")
        #expect(read.service.text == "shop")
        #expect(read.run.command == ["./shop", "--port", "$PORT", "8080"])
        #expect(read.run.instances == 2 && read.run.environment == ["LOG_LEVEL": "info", "DEBUG": "true"])
        #expect(read.run.ready == ReadySpecification(path: "/ready?full=1", within: .seconds(60)))
        #expect(read.run.stop.grace == .zero)
        #expect(
            read.artifact == ArtifactSpecification(include: ["bin/", "./assets"], config: ["config/production.yaml"]))
        #expect(read.route == RouteSpecification(hosts: ["shop.localhost"], paths: ["/shop"], preview: .nobody))
        #expect(
            read.verify.smoke == [
                SmokeCheck(path: "/", method: "POST", status: 201, contains: "welcome", within: .milliseconds(500)),
                SmokeCheck(path: "/two"),
            ])
        #expect(read.rollout.steps == .fixed([5, 100, 2500, 10_000].map(Share.init(clamping:))))
        #expect(read.rollout.hold == .seconds(600) && read.rollout.soak == .seconds(604_800))
        #expect(abs(read.slo.availability - 0.9995) < 1e-12 && read.slo.latency == ["p50": 0.1, "p99": 0.3])
        #expect(read.judge == JudgeSpecification(limit: .seconds(7200), onInconclusive: .undo, dispersion: 1.5))
        #expect(read.retention.releases == 3)
    }

    @Test func shortFileGetsDefaults() throws {
        let read = try ServiceFileParser.parse(Array(head.utf8), file: "f")
        let expected = ServiceSpecification(
            service: try #require(ServiceName("shop")), run: RunSpecification(command: ["./shop"]),
            route: RouteSpecification())
        #expect(read == expected)
    }

    @Test func unknownKeyNamesTheNearest() throws {
        let found = problems("service: shop\nrun:\n    comand: [\"./shop\"]\n")
        let unknown = try #require(found.first { $0.kind == .unknownKey })
        #expect((unknown.line, unknown.column) == (3, 5))
        #expect(
            unknown.description == "nonevent.yaml:3:5: unknown key 'comand' in run; "
                + "allowed: command, instances, environment, ready, stop; did you mean 'command'?")
        #expect(found.contains { $0.kind == .missingKey && $0.key == "run.command" })
    }

    @Test func allProblemsAreReportedInOrder() {
        let found = problems(
            "servce: Shop\nrun:\n  command: []\n  instances: 0\nrollout: { steps: [5%, 1%] }\nslo: { "
                + "availability: 100% }\n"
        )
        #expect(found.map(\.key).contains("service") && found.map(\.key).contains("slo.availability"))
        #expect(found.count == 7)
        #expect(found.map(\.line) == found.map(\.line).sorted())
    }

    @Test(arguments: [
        ("run:\n  command: [a]\n", "service"), ("service: Shop_1\nrun: { command: [a] }", "service"),
        ("service: shop\nrun: { command: './shop --port 1' }", "run.command"),
        ("service: shop\nrun: { command: [''] }", "run.command[0]"),
        ("service: shop\nrun: { command: [a, ~] }", "run.command[1]"),
        ("service: shop\nrun: { command: [a], instances: 101 }", "run.instances"),
        ("service: shop\nrun: { command: [a], instances: '2' }", "run.instances"),
        ("service: shop\nrun: { command: [a], environment: { PORT: 1 } }", "run.environment.PORT"),
        ("service: shop\nrun: { command: [a], ready: { within: 0s } }", "run.ready.within"),
        ("service: shop\nrun: { command: [a], ready: { within: 20 } }", "run.ready.within"),
        ("service: shop\nrun: { command: [a], ready: { path: healthz } }", "run.ready.path"),
        ("service: shop\nrun: { command: [a], stop: { grace: -1s } }", "run.stop.grace"),
        (head + "artifact: { include: [/etc] }", "artifact.include[0]"),
        (head + "artifact: { config: [a/../../b] }", "artifact.config[0]"),
        (head + "route: { hosts: ['a b'] }", "route.hosts[0]"),
        (head + "route: { hosts: ['a:80'] }", "route.hosts[0]"),
        (head + "route: { paths: [shop] }", "route.paths[0]"),
        (head + "route: { preview: anybody }", "route.preview"), (head + "route:", "route"),
        (head + "rollout: { steps: [0.001%, 100%] }", "rollout.steps[0]"),
        (head + "rollout: { steps: [1%, 101%] }", "rollout.steps[1]"),
        (head + "rollout: { steps: [1%, 50%] }", "rollout.steps[1]"),
        (head + "rollout: { steps: [1%, 1%, 100%] }", "rollout.steps[1]"),
        (head + "rollout: { steps: [0%, 100%] }", "rollout.steps[0]"),
        (head + "rollout: { steps: [] }", "rollout.steps"), (head + "rollout: { hold: 0s }", "rollout.hold"),
        (head + "slo: { latency: { p50: 2s, p90: 1s } }", "slo.latency.p90"),
        (head + "slo: { latency: { p99: 0ms } }", "slo.latency.p99"),
        (head + "slo: { availability: 0.999 }", "slo.availability"),
        (head + "judge: { dispersion: 0.5 }", "judge.dispersion"),
        (head + "verify: { smoke: [{ path: /, status: 99 }] }", "verify.smoke[0].status"),
        (head + "verify: { smoke: [{ method: GET }] }", "verify.smoke[0].path"),
        (head + "retention: { releases: 0 }", "retention.releases"),
    ])
    func oneMistakeIsFoundAtItsKey(text: String, key: String) {
        #expect(problems(text).map(\.key) == [key])
    }

    @Test(arguments: [
        ("service: shop\nrun: { command: './shop -p $PORT' }", "[\"./shop\", \"-p\", \"$PORT\"]"),
        ("service: Shop\nrun: { command: [a] }", "shop"), (head + "rollout: { hold: 20 }", "20s"),
        (head + "slo: { availability: 99.9 }", "99.9%"), (head + "route: { hosts: ['Shop.test:80'] }", "shop.test"),
        (head + "route: { paths: [shop] }", "/shop"), (head + "judge: { onInconclusive: Hold }", "hold"),
    ])
    func suggestionSaysWhatToWrite(text: String, suggestion: String) {
        #expect(problems(text).map(\.suggestion) == [suggestion])
    }

    @Test func duplicateKeyIsFoundWhereItRepeats() throws {
        let found = try #require(problems(head + "service: other\n").first)
        #expect(found.kind == .duplicateKey && found.line == 4 && found.message.contains("first in line 1"))
    }

    @Test(arguments: ["", " \n", "# nothing\n", "---\n", "~"])
    func emptyFileIsSaid(text: String) throws {
        let found = problems(text)
        #expect(found.count == 1 && found.first?.line == 1)
    }

    @Test func severalDocumentsAreRefused() throws {
        let found = try #require(problems(head + "---\nservice: b\n").first)
        #expect(found.found == "a second document" && found.line == 4)
    }

    @Test func syntaxErrorsHaveAPosition() throws {
        let tab = try #require(problems("service: shop\nrun:\n\tcommand: [a]\n").first)
        #expect(tab.line == 3 && tab.found.contains("tab"))
        let open = try #require(problems("service: [shop\nrun: {").first)
        #expect(open.kind == .file && open.line >= 1 && open.column >= 1)
        let control = try #require(problems("service: shop\nrun: \u{1}").first)
        #expect(control.line == 2 && control.column == 6)
    }

    @Test func bytesThatAreNoTextAreNamedByOffset() throws {
        let error = #expect(throws: ServiceFileError.self) {
            try ServiceFileParser.parse(Array("service: é\nx: ".utf8) + [0xFF], file: "f")
        }
        let problem = try #require(error?.problems.first)
        #expect(problem.found == "the byte at offset 15 is not UTF-8")
        #expect((problem.line, problem.column) == (2, 4))
    }

    @Test func byteOrderMarkIsIgnored() throws {
        #expect(throws: Never.self) {
            try ServiceFileParser.parse([0xEF, 0xBB, 0xBF] + Array(head.utf8), file: "f")
        }
    }

    @Test func sizeIsLimited() throws {
        let found = try #require(problems(head + "#" + String(repeating: "x", count: 1 << 20)).first)
        #expect(found.message.contains("1048") && found.message.contains("at most 1048576 bytes"))
    }

    @Test func smallAliasesWork() throws {
        let text = "service: shop\nrun:\n  command: [\"./shop\"]\n  ready: { within: &t 20s }\n  stop: { grace: *t }\n"
        #expect(try ServiceFileParser.parse(Array(text.utf8), file: "f").run.stop.grace == .seconds(20))
    }

    @Test(arguments: [9, 3])
    func aliasBombsAreRefusedAtOnce(width: Int) throws {
        var text = "a0: &a0 [x, x]\n"
        for level in 1...(width == 9 ? 20 : 10) {
            text += "a\(level): &a\(level) [" + (0..<width).map { _ in "*a\(level - 1)" }.joined(separator: ",") + "]\n"
        }
        let started = ContinuousClock.now
        #expect(try #require(problems(text).first).kind == .file)
        #expect(ContinuousClock.now - started < .seconds(20))
    }

    @Test(arguments: [
        String(repeating: "[", count: 100_000), String(repeating: "- ", count: 100_000),
        String(repeating: "{a: ", count: 50_000), String(repeating: "? ", count: 100_000),
        (0..<900).map { String(repeating: " ", count: $0) + "a:\n" }.joined(),
    ])
    func deepNestingIsRefused(text: String) throws {
        #expect(try #require(problems("service: x\nrun: " + "\n" + text).first).kind == .file)
    }
}
