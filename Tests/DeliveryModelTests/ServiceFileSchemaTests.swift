import DeliveryModel
import Glibc
import Testing

/// The published schema and the parser must agree on the same documents (JSON is YAML, so each reads the same bytes).
@Suite struct ServiceFileSchemaTests {
    static let good = [
        #"{"service":"shop","run":{"command":["./shop",8080]}}"#,
        #"{"service":"shop","run":{"command":["a"],"environment":{"A":1,"B_2":"x"},"stop":{"grace":"0s"}}}"#,
        #"{"service":"s","run":{"command":["a"]},"rollout":{"steps":["0.05%","1%","100%"],"hold":"2m"}}"#,
        #"{"service":"s","run":{"command":["a"]},"rollout":{"steps":"auto"},"judge":{"dispersion":1.5}}"#,
        #"{"service":"s","run":{"command":["a"]},"route":{"hosts":["Shop.localhost"],"paths":["/a"]}}"#,
        #"{"service":"s","run":{"command":["a"]},"slo":{"availability":"99.9%","latency":{"p99":"300ms"}}}"#,
        #"{"service":"s","run":{"command":["a"]},"verify":{"smoke":[{"path":"/a?b","status":204}]}}"#,
    ]
    static let bad = [
        #"{"run":{"command":["a"]}}"#, #"{"service":"Shop","run":{"command":["a"]}}"#,
        #"{"service":"s","run":{"command":[]}}"#, #"{"service":"s","run":{"command":"a"}}"#,
        #"{"service":"s","run":{"command":["a"],"instances":0}}"#,
        #"{"service":"s","run":{"command":["a"],"instances":"2"}}"#,
        #"{"service":"s","run":{"command":["a"],"port":2}}"#,
        #"{"service":"s","run":{"command":["a"],"environment":{"PORT":"2"}}}"#,
        #"{"service":"s","run":{"command":["a"],"ready":{"within":"0s"}}}"#,
        #"{"service":"s","run":{"command":["a"]},"rollout":{"hold":20}}"#,
        #"{"service":"s","run":{"command":["a"]},"rollout":{"steps":["0.001%","100%"]}}"#,
        #"{"service":"s","run":{"command":["a"]},"rollout":{"steps":["0%","100%"]}}"#,
        #"{"service":"s","run":{"command":["a"]},"route":{"hosts":["a:80"]}}"#,
        #"{"service":"s","run":{"command":["a"]},"route":{"paths":["a"]}}"#,
        #"{"service":"s","run":{"command":["a"]},"artifact":{"include":["/etc"]}}"#,
        #"{"service":"s","run":{"command":["a"]},"artifact":{"include":["a/../b"]}}"#,
        #"{"service":"s","run":{"command":["a"]},"slo":{"availability":"100%"}}"#,
        #"{"service":"s","run":{"command":["a"]},"verify":{"smoke":[{"status":200}]}}"#,
        #"{"service":"s","run":{"command":["a"]},"judge":{"onInconclusive":"panic"}}"#,
        #"{"service":"s","run":{"command":["a"]},"route":null}"#,
    ]

    @Test(arguments: good + goodJudges + goodRoutes + goodPipelines) func parserAccepts(document: String) {
        #expect(throws: Never.self) { try ServiceFileParser.parse(Array(document.utf8), file: "f") }
    }

    @Test(arguments: bad + badJudges + badRoutes + badPipelines) func parserRefuses(document: String) {
        #expect(throws: ServiceFileError.self) { try ServiceFileParser.parse(Array(document.utf8), file: "f") }
    }

    /// Runs the reference validator for Python.
    @Test func schemaAgreesWithTheParser() throws {
        try #require(
            run([Self.python, "-c", "import jsonschema"]) == 0, "run .ci/setup first: it makes \(Self.python)")
        let documents =
            (Self.good + Self.goodJudges + Self.goodRoutes + Self.goodPipelines).map { "[true, \($0)]" }
            + (Self.bad + Self.badJudges + Self.badRoutes + Self.badPipelines).map { "[false, \($0)]" }
        let path = "/tmp/nonevent-schema-\(getpid()).json"
        defer { unlink(path) }
        let file = try #require(fopen(path, "w"))
        let text = "{\"schema\": \(ServiceFileSchema.text), \"documents\": [\(documents.joined(separator: ","))]}"
        #expect(fputs(text, file) >= 0)
        fclose(file)
        let script = """
            import json, sys, jsonschema
            data = json.load(open(sys.argv[1]))
            jsonschema.Draft202012Validator.check_schema(data["schema"])
            validator = jsonschema.Draft202012Validator(data["schema"])
            wrong = [d for good, d in data["documents"] if validator.is_valid(d) != good]
            print(wrong) if wrong else None
            sys.exit(len(wrong))
            """
        #expect(run([Self.python, "-c", script, path]) == 0)
    }

    private static let python = ".python/bin/python3"

    private func run(_ arguments: [String]) -> Int32 {
        var pointers: [UnsafeMutablePointer<CChar>?] = arguments.map { strdup($0) }
        defer { pointers.forEach { free($0) } }
        pointers.append(nil)
        var process: pid_t = 0
        guard posix_spawnp(&process, arguments[0], nil, nil, pointers, environ) == 0 else { return 127 }
        var status: Int32 = 0
        guard waitpid(process, &status, 0) == process, status & 0x7F == 0 else { return 126 }
        return (status >> 8) & 0xFF
    }
}
