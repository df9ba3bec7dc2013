import DeliveryModel
import Foundation
import Testing
import TrafficRouter

/// The published schema, the decoder and the checks must agree, and what a service file may say a table may say.
@Suite struct TableSchemaTests {
    private func encoded(_ table: RouteTable) throws -> String {
        String(decoding: try JSONEncoder().encode(table), as: UTF8.self)
    }

    private func isAccepted(_ text: String) -> Bool {
        guard let table = try? JSONDecoder().decode(RouteTable.self, from: Data(text.utf8)) else { return false }
        return (try? table.validate()) != nil
    }

    /// A table of one service with these keys, and of a release with those.
    private static func table(_ keys: String, release: String = #""commit":"c""#) -> String {
        let digest = String(repeating: "a", count: 64)
        return #"{"services":[{"name":"s",\#(keys),"releases":[{"digest":"\#(digest)","shareBasisPoints":10000,"#
            + #"\#(release),"instances":[{"port":1}]}]}]}"#
    }

    private static let good = [
        #"{"services":[]}"#, #"{"services":[],"limits":{},"accessLog":null,"trustedProxies":[],"certificates":[]}"#,
        #"{"services":[],"limits":{"headTimeout":0.5,"maxHeadBytes":1024},"accessLog":{"sampleBasisPoints":1}}"#,
        #"{"services":[],"certificates":[{"chain":"/c","key":"/k"},{"hosts":["*.a"],"chain":"/c","key":"/k"}]}"#,
        table(#""hold":null,"mirror":null"#, release: #""role":null,"protocol":"h2c""#),
        table(#""hold":{"mode":"stop","page":"<p>","since":"2026-01-01T00:00:00Z"},"timeouts":{"connect":1}"#),
        table(#""sticky":{"by":"header","header":"x"},"previewFrom":["::1","10.0.0.0/8"],"preview":"nobody""#),
        table(#""rules":[{"query":{"name":"ä b","present":true},"method":[],"release":"candidate"}]"#),
        table(#""rules":[{"source":["10.0.0.0/8"],"release":"abcd"},{"pathRegex":"a","release":"baseline"}]"#),
        table(
            #""rescue":{"methods":[],"deadline":60},"health":{"active":{"path":""},"passive":{"minimumRequests":1}}"#
        ),
    ]

    private static let bad = [
        "{}", #"{"services":[],"limits":{"headTimeout":0.001}}"#, #"{"services":[],"limits":{"maxHeadBytes":"1KiB"}}"#,
        #"{"services":[],"accessLog":{"file":"log"}}"#, #"{"services":[],"accessLog":{"format":"xml"}}"#,
        #"{"services":[],"trustedProxies":["10.0.0.0/33"]}"#, #"{"services":[],"certificates":[{"chain":"/c"}]}"#,
        #"{"services":[],"certificates":[{"chain":"c","key":"/k"}]}"#, table(#""hosts":["A"]"#),
        table(#""hosts":[]"#, release: #""role":"canary""#), table(#""hosts":[]"#, release: #""protocol":"http2""#),
        table(#""hosts":[]"#, release: #""healthPath":"ok""#), table(#""hold":{}"#), table(#""hold":{"mode":"slow"}"#),
        table(#""hold":{"mode":"stop","maxWait":3601}"#), table(#""mirror":{}"#), table(#""timeouts":{"connect":0}"#),
        table(#""sticky":{"by":"header"}"#), table(#""sticky":{"by":"cookie","header":"x"}"#),
        table(#""rules":[{"release":"candidate"}]"#), table(#""rules":[{"method":[],"release":"candidate"}]"#),
        table(#""rules":[{"header":{"name":"x"},"release":"candidate"}]"#),
        table(#""rules":[{"header":{"name":"x","equals":"a","prefix":"b"},"release":"candidate"}]"#),
        table(#""rules":[{"method":["get"],"release":"candidate"}]"#), table(#""rules":[{"method":["GET"]}]"#),
        table(#""rules":[{"method":["GET"],"release":"abc"}]"#), table(#""rescue":{"deadline":61}"#),
        table(#""rescue":{"budgetBasisPoints":10001}"#), table(#""rescue":{"methods":["PURGE"]}"#),
        table(#""health":{"active":{"healthyAfter":0}}"#), table(#""health":{"slowStart":-1}"#),
    ]

    @Test(arguments: good) func theRouterAccepts(text: String) { #expect(isAccepted(text)) }
    @Test(arguments: bad) func theRouterRefuses(text: String) { #expect(!isAccepted(text)) }

    /// Runs the reference validator for Python.
    @Test func theSchemaAgreesWithTheRouter() async throws {
        let full = try encoded(TableFixture.table())
        #expect(isAccepted(full))
        let documents = (Self.good + [full]).map { "[true, \($0)]" } + Self.bad.map { "[false, \($0)]" }
        let file = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString + ".json")
        defer { try? FileManager.default.removeItem(at: file) }
        let text = "{\"schema\": \(RouteTableSchema.text), \"documents\": [\(documents.joined(separator: ","))]}"
        try Data(text.utf8).write(to: file)
        let found = try await run(["-c", "import jsonschema"])
        try #require(found == 0, "run .ci/setup first: it makes \(Self.python)")
        let script = """
            import json, sys, jsonschema
            data = json.load(open(sys.argv[1]))
            jsonschema.Draft202012Validator.check_schema(data["schema"])
            validator = jsonschema.Draft202012Validator(data["schema"])
            wrong = [d for good, d in data["documents"] if validator.is_valid(d) != good]
            for document in wrong: sys.stdout.write(json.dumps(document) + "\\n")
            sys.exit(len(wrong))
            """
        #expect(try await run(["-c", script, file.path]) == 0)
    }

    /// Else a service file that `nonevent validate` likes could stop every change of the router's table.
    @Test(arguments: [
        "", "rescue: off", "rescue: { deadline: 10ms, maxBody: 1MiB, budget: 0% }",
        "sticky: { by: header, header: X-User }", "previewFrom: ['::/0', 10.0.0.0/8]",
        "health: { passive: off, slowStart: 1h, panic: 100% }", "health: { passive: { ejectFor: 1d } }",
        "health: { passive: { maxEjectFor: 100ms } }",
        "health: { active: { path: /a?b, interval: 100ms, timeout: 10m } }",
        "mirror: { share: 100%, methods: [POST], maxBody: 1MiB, compare: { headers: [ETag], ignore: [/a, ''] } }",
        "timeouts: { connect: 10ms, response: 1d, stream: 1s }", "protocol: h2c",
        "rules: [{ name: ä, header: { name: X, equals: '' }, release: candidate }, { method: [GET], release: 0a1b }]",
        "rules: [{ cookie: { name: a, regex: '^a' }, query: { name: 'a b', present: on }, release: baseline }]",
        "tls: { certificate: /c, key: /k }",
    ])
    func whatAServiceFileMaySayATableMaySay(route: String) throws {
        let file = "service: shop\nrun: { command: [a] }\nroute:\n  hosts: [Shop.test]\n  \(route)\n"
        let specification = try ServiceFileParser.parse(Array(file.utf8), file: "f")
        let base = try TableFixture.service()
        let releases = base.releases.map { release in
            RoutedRelease(
                digest: release.digest, commit: "c", shareBasisPoints: release.shareBasisPoints, salt: "",
                role: release.role, specification: specification, instances: release.instances)
        }
        var service = RoutedService(name: specification.service, route: specification.route, releases: releases)
        service.mirror = specification.route.mirror.map { TrafficMirror($0, to: releases[1].digest) }
        let certificates = [RoutedCertificate(specification.route)].compactMap { $0 }
        try RouteTable(services: [service], certificates: RoutedCertificate.merged(certificates)).validate()
    }

    private static let python = ".python/bin/python3"

    /// Waits without keeping one of the few threads that all tests share.
    private func run(_ arguments: [String]) async throws -> Int32 {
        var pointers: [UnsafeMutablePointer<CChar>?] = ([Self.python] + arguments).map { strdup($0) }
        defer { pointers.forEach { free($0) } }
        pointers.append(nil)
        var process: pid_t = 0
        guard posix_spawnp(&process, Self.python, nil, nil, pointers, environ) == 0 else { return 127 }
        var status: Int32 = 0
        let deadline = ContinuousClock.now + .seconds(120)
        while waitpid(process, &status, WNOHANG) == 0 {
            guard ContinuousClock.now < deadline else {
                kill(process, SIGKILL)
                waitpid(process, &status, 0)
                return 124
            }
            try await Task.sleep(for: .milliseconds(10))
        }
        guard status & 0x7F == 0 else { return 126 }
        return (status >> 8) & 0xFF
    }
}
