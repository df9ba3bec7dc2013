import DeliveryModel
import Testing

private let head = "service: shop\nrun:\n  command: [\"./shop\"]\n"

private func read(_ text: String) throws(ServiceFileError) -> ServiceSpecification {
    try ServiceFileParser.parse(Array((head + text).utf8), file: "nonevent.yaml")
}

/// Of a file whose line 4 is `pipeline:` and whose stages begin in line 6.
private func problems(_ stages: String) -> [ServiceFileProblem] {
    do {
        _ = try read("pipeline:\n  stages:\n" + stages)
        return []
    } catch {
        return error.problems
    }
}

@Suite struct ServiceFilePipelineTests {
    @Test func wholeSectionIsRead() throws {
        let pipeline = try read(
            """
            pipeline:
              stages:
                - { name: build, run: make, env: ["MODE=release", CC, "X=a=b", "E="], timeout: 1h, retries: 2,
                    cache: { key: ["Sources/**"], paths: ["bin/"] } }
                - name: checks
                  parallel:
                    - { name: unit, run: ["swift", "test", 1], reports: { junit: "out/*.xml" }, secrets: [TOKEN] }
                    - { name: lint, run: true, needs: [unit] }
                - { name: package, run: make package }
                - { name: early, run: "true", needs: [] }
                - { name: last, run: "true", needs: [checks, early] }
            """
        ).pipeline
        #expect(
            pipeline.stages == [
                StageSpecification(
                    name: "build", run: .shell("make"),
                    environment: [
                        StageVariable(name: "MODE", value: "release"), StageVariable(name: "CC"),
                        StageVariable(name: "X", value: "a=b"), StageVariable(name: "E", value: ""),
                    ], timeout: .seconds(3600), retries: 2, cache: StageCache(key: ["Sources/**"], paths: ["bin/"])),
                StageSpecification(
                    name: "unit", group: "checks", run: .program(["swift", "test", "1"]), needs: ["build"],
                    secrets: ["TOKEN"], reports: StageReports(junit: "out/*.xml")),
                StageSpecification(
                    name: "lint", group: "checks", run: .shell("true"), needs: ["build", "unit"],
                    needsAreWritten: true),
                StageSpecification(name: "package", run: .shell("make package"), needs: ["unit", "lint"]),
                StageSpecification(name: "early", run: .shell("true"), needsAreWritten: true),
                StageSpecification(
                    name: "last", run: .shell("true"), needs: ["unit", "lint", "early"], needsAreWritten: true),
            ])
        #expect(pipeline.ancestors(of: "last").map(\.name) == ["build", "unit", "lint", "early"])
        #expect(pipeline["unit"]?.run.arguments == ["swift", "test", "1"])
        #expect(pipeline["build"]?.run.arguments == ["/bin/sh", "-e", "-u", "-c", "make"])
    }

    @Test(arguments: ["", "pipeline: { stages: [] }\ndeploy: {}"])
    func nothingNeedsToBeWritten(text: String) throws {
        let specification = try read(text)
        #expect(specification.pipeline == PipelineSpecification() && specification.deploy == DeploySpecification())
    }

    @Test func deployIsRead() throws {
        let deploy = try read(
            """
            deploy:
              trunk: release/2.x
              auto: off
              paths: ["shop/**", "lib/*.swift"]
              team: web
              group: payments
              supersede: running
              freeze:
                - { from: "Fri 16:00", to: "Mon 08:00", zone: Europe/Berlin }
                - { from: "2026-12-24 00:00", to: "2026-12-27 00:00", reason: holidays }
            """
        ).deploy
        #expect(
            deploy
                == DeploySpecification(
                    trunk: "release/2.x", auto: false, paths: ["shop/**", "lib/*.swift"], team: "web",
                    group: "payments", supersede: .running,
                    freeze: [
                        FreezeWindow(
                            from: .weekly(weekday: 4, minute: 960), to: .weekly(weekday: 0, minute: 480),
                            zone: "Europe/Berlin"),
                        FreezeWindow(
                            from: .once(day: 20_811, minute: 0), to: .once(day: 20_814, minute: 0),
                            reason: "holidays"),
                    ]))
    }

    @Test(arguments: [
        (
            "    - { name: a, run: x }\n    - { name: b, run: x, needs: [aa] }", 7, 34,
            "'aa', which no stage is called", "a"
        ),
        ("    - { name: a, run: x }\n    - { name: a, run: x }", 7, 15, "'a', the name of the one in line 6", nil),
        ("    - { name: a, run: x, needs: [a] }", 6, 34, "part of a circle: a needs a", nil),
        (
            "    - { name: a, run: x, needs: [b] }\n    - { name: b, run: x, needs: [a] }", 6, 34,
            "part of a circle: a needs b needs a", nil
        ),
        // The second waits for the first by its place in the file.
        (
            "    - { name: a, run: x, needs: [b] }\n    - { name: b, run: x }", 6, 34,
            "part of a circle: a needs b needs a", nil
        ),
        (
            "    - { name: g, parallel: [{ name: a, run: x }, { name: b, run: x, needs: [g] }] }", 6, 77,
            "part of a circle: b needs b", nil
        ),
        ("    - { name: a, run: x, env: [A=1, A=2] }", 6, 37, "'A' again", nil),
        ("    - { name: a, run: x, env: [A=1], secrets: [A] }", 6, 48, "'A', which 'env' sets too", nil),
    ])
    func theGraphIsLookedAt(stages: String, line: Int, column: Int, found: String, suggestion: String?) throws {
        let problem = try #require(problems(stages).first)
        #expect(problems(stages).count == 1)
        #expect(problem.line == line && problem.column == column, "\(problem)")
        #expect(problem.found == found && problem.suggestion == suggestion, "\(problem)")
    }

    @Test(arguments: [
        ("{ run: x }", "pipeline.stages[0].name"), ("{ name: a }", "pipeline.stages[0]"),
        ("{ name: a, run: x, parallel: [{ name: b, run: x }] }", "pipeline.stages[0].parallel"),
        ("{ name: a, parallel: [{ name: b, run: x }], retries: 1 }", "pipeline.stages[0].retries"),
        ("{ name: a, parallel: [] }", "pipeline.stages[0].parallel"),
        ("{ name: a, parallel: [{ name: b }] }", "pipeline.stages[0].parallel[0]"),
        ("{ name: a, parallel: [{ name: b, parallel: [] }] }", "pipeline.stages[0].parallel[0].parallel"),
        ("{ name: 'a b', run: x }", "pipeline.stages[0].name"), ("{ name: a, run: ' ' }", "pipeline.stages[0].run"),
        ("{ name: a, run: [] }", "pipeline.stages[0].run"), ("{ name: a, run: [''] }", "pipeline.stages[0].run[0]"),
        ("{ name: a, run: { x: y } }", "pipeline.stages[0].run"), ("{ name: a, run: }", "pipeline.stages[0].run"),
        ("{ name: a, run: x, timeout: 0s }", "pipeline.stages[0].timeout"),
        ("{ name: a, run: x, retries: 11 }", "pipeline.stages[0].retries"),
        ("{ name: a, run: x, env: ['1=2'] }", "pipeline.stages[0].env[0]"),
        ("{ name: a, run: x, env: [NONEVENT_X=1] }", "pipeline.stages[0].env[0]"),
        ("{ name: a, run: x, env: { A: 1 } }", "pipeline.stages[0].env"),
        ("{ name: a, run: x, secrets: [a-b] }", "pipeline.stages[0].secrets[0]"),
        ("{ name: a, run: x, cache: { paths: ['../x'] } }", "pipeline.stages[0].cache.paths[0]"),
        ("{ name: a, run: x, cache: { key: ['/etc/*'] } }", "pipeline.stages[0].cache.key[0]"),
        ("{ name: a, run: x, reports: { junit: '' } }", "pipeline.stages[0].reports.junit"),
    ])
    func mistakesInStages(stage: String, key: String) {
        let found = problems("    - " + stage).map(\.key)
        #expect(found.contains(key), "\(found)")
    }

    @Test func anUnknownKeyIsToldTheNearest() throws {
        let problem = try #require(problems("    - { name: a, run: x, retires: 2 }").first)
        #expect(problem.kind == .unknownKey && problem.suggestion == "retries" && problem.line == 6)
        #expect(
            problem.description.hasPrefix(
                "nonevent.yaml:6:26: unknown key 'retires' in pipeline.stages[0]; allowed: name, run, needs, env"))
    }

    @Test func stagesAreCounted() {
        func many(_ count: Int) -> String {
            (1...count).map { "    - { name: s\($0), run: x }" }.joined(separator: "\n")
        }
        #expect(problems(many(100)).isEmpty)
        #expect(problems(many(101)).map(\.found) == ["a list of 101"])
        let members = (1...50).map { "{ name: m\($0), run: x }" }.joined(separator: ", ")
        #expect(problems(many(50) + "\n    - { name: g, parallel: [\(members)] }").map(\.key) == ["pipeline.stages"])
    }

    @Test(arguments: [
        ("{ trunk: refs/heads/main }", "trunk", "main"), ("{ trunk: 'a b' }", "trunk", nil),
        ("{ trunk: a..b }", "trunk", nil), ("{ trunk: -a }", "trunk", nil), ("{ trunk: a.lock }", "trunk", nil),
        ("{ auto: maybe }", "auto", nil), ("{ supersede: runing }", "supersede", "running"),
        ("{ team: '' }", "team", nil), ("{ paths: ['../x'] }", "paths[0]", nil),
        ("{ freeze: [{ from: 'Friday 16:00', to: 'Mon 08:00' }] }", "freeze[0].from", "Fri 16:00"),
        ("{ freeze: [{ from: 'Fri 24:00', to: 'Mon 08:00' }] }", "freeze[0].from", nil),
        ("{ freeze: [{ from: 2026-02-30 00:00, to: 2026-03-01 00:00 }] }", "freeze[0].from", nil),
        ("{ freeze: [{ from: Fri 16:00, to: Mon 08:00, zone: Europe/Berln }] }", "freeze[0].zone", "Europe/Berlin"),
        ("{ freeze: [{ from: Fri 16:00, to: Fri 16:00 }] }", "freeze[0].to", nil),
        ("{ freeze: [{ from: Fri 16:00, to: 2026-12-27 00:00 }] }", "freeze[0].to", nil),
        ("{ freeze: [{ from: 2026-12-27 00:00, to: 2026-12-26 00:00 }] }", "freeze[0].to", nil),
        ("{ freeze: [{ from: Fri 16:00 }] }", "freeze[0].to", nil),
    ])
    func mistakesInDeploy(text: String, key: String, suggestion: String?) throws {
        let error = try #require(throws: ServiceFileError.self) { try read("deploy: " + text) }
        #expect(error.problems.map(\.key) == ["deploy." + key] && error.problems.first?.line == 4)
        #expect(error.problems.first?.suggestion == suggestion, "\(error)")
    }
}
