import DeliveryModel
import Testing

@Suite struct JudgeFileTests {
    static let judge = """
        alpha: 0.02
        rules: { slo: off }
        metrics: { orders: { kind: count, query: orders_total } }
        """
    static let expected = JudgeSpecification(
        alpha: 0.02, rules: [.slo: RuleSpecification(isOn: false)],
        metrics: ["orders": MetricSpecification(kind: .count, source: .instances, query: "orders_total")])

    private static var nested: String {
        "judge:\n" + judge.split(separator: "\n").map { "  \($0)\n" }.joined()
    }

    @Test func theContentOfJudgeAlone() throws {
        #expect(try JudgeFile(parsing: Self.judge, file: "f") == JudgeFile(judge: Self.expected))
    }

    @Test func someKeysOfAServiceFile() throws {
        let read = try JudgeFile(
            parsing: Self.nested + "slo: { availability: 99% }\nrollout: { steps: [1%, 100%] }\n", file: "f")
        let steps = RolloutSteps.fixed([100, 10_000].map(Share.init(clamping:)))
        #expect(
            read == JudgeFile(slo: .init(availability: 0.99), rollout: .init(steps: steps), judge: Self.expected))
        #expect(try JudgeFile(parsing: "slo: { latency: { p99: 300ms } }", file: "f").slo.latency == ["p99": 0.3])
    }

    @Test func aWholeServiceFile() throws {
        let text = "service: shop\nrun: { command: [a] }\nroute: { hosts: [a] }\n" + Self.nested
        #expect(try JudgeFile(parsing: text, file: "f") == JudgeFile(judge: Self.expected))
        let service = try ServiceFileParser.parse(Array(text.utf8), file: "f")
        #expect(service.judge == Self.expected)
    }

    @Test(arguments: ["{}", "judge: {}", "slo: {}", "service: shop", "limit: 1h"])
    func theRestIsByDefault(text: String) throws {
        #expect(try JudgeFile(parsing: text, file: "f") == JudgeFile())
    }

    @Test(arguments: [
        ("", ""), ("# nothing\n", ""), ("- a", ""), ("just words", ""), ("a: [", ""), ("limit: 1", "limit"),
        ("judge: { limit: 1 }", "judge.limit"), ("slo: { latency: { p50: 2s, p99: 1s } }", "slo.latency.p99"),
        ("slo: {}\nlimit: 1h", "limit"), ("judge: {}\nrun: {}", "run.command"), ("zzz: 1", "zzz"),
        ("limit: 1h\nlimit: 2h", "limit"), ("judge: { prometheus: }", "judge.prometheus"),
    ])
    func mistakesAreFoundAtTheirKeys(text: String, key: String) throws {
        let error = #expect(throws: ServiceFileError.self) { try JudgeFile(parsing: text, file: "judge.yaml") }
        #expect(error?.problems.map(\.key) == [key])
        #expect(try #require(error).description.hasPrefix("judge.yaml:"))
    }

    @Test func anEmptyFileSaysWhatBelongsIntoIt() throws {
        let error = #expect(throws: ServiceFileError.self) { try JudgeFile(parsing: "", file: "judge.yaml") }
        #expect(try #require(error).description.contains("'slo', 'rollout' or 'judge' of a service file"))
    }
}
