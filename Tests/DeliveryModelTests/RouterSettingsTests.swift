import DeliveryModel
import Foundation
import Testing

/// `router.yaml`: what it may say, what mistakes are told, and that it says what a table can say.
@Suite struct RouterSettingsTests {
    private func problems(_ text: String) -> [ServiceFileProblem] {
        do {
            _ = try RouterSettings(parsing: Array(text.utf8), file: "router.yaml")
            return []
        } catch {
            return error.problems
        }
    }

    private func read(_ text: String) throws -> RouterSettings {
        try RouterSettings(parsing: Array(text.utf8), file: "router.yaml")
    }

    @Test func everyKeyIsRead() throws {
        let settings = try read(
            """
            trustedProxies: [10.0.0.0/8, "::1"]
            limits:
              maxHeadBytes: 32KiB
              maxConnectRetries: 0
              headTimeout: 500ms
              drainTimeout: 2m
            accessLog: { file: /var/log/nonevent/access.log, format: combined, sample: 0.5% }
            """)
        #expect(settings.trustedProxies.map(\.description) == ["10.0.0.0/8", "::1/128"])
        var limits = TrafficLimits()
        limits.maxHeadBytes = 32 << 10
        limits.maxConnectRetries = 0
        limits.headTimeout = .milliseconds(500)
        limits.drainTimeout = .seconds(120)
        #expect(settings.limits == limits)
        let log = AccessLog(
            file: "/var/log/nonevent/access.log", format: .combined, sampleBasisPoints: Share(clamping: 50))
        #expect(settings.accessLog == log)
    }

    @Test func whatIsLeftOutHasItsDefault() throws {
        #expect(try read("{}") == RouterSettings())
        #expect(RouterSettings().trustedProxies == RouteTable().trustedProxies)
        #expect(try read("accessLog: {}").accessLog == AccessLog())
        #expect(try read("trustedProxies: []").trustedProxies.isEmpty)
    }

    @Test(arguments: [
        ("limit: {}", "router.yaml:1:1: unknown key 'limit'", "'limits'"),
        ("limits:\n  headTimout: 1s", "router.yaml:2:3: unknown key 'headTimout' in limits", "'headTimeout'"),
        ("limits:\n  headTimeout: 10", "router.yaml:2:16: limits.headTimeout is '10'", "write 10s"),
        ("limits: { maxHeadBytes: 65536 }", "router.yaml:1:25: limits.maxHeadBytes is '65536'", "65536B"),
        ("limits: { maxHeadBytes: 1B }", "router.yaml:1:25:", "1KiB to 1MiB"),
        ("limits: { maxHeadFields: 3 }", "router.yaml:1:26:", "from 10 to 10000"),
        ("trustedProxies: [10.0.0.1/8]", "router.yaml:1:18: trustedProxies[0]", "10.0.0.0/8"),
        ("accessLog: { file: access.log }", "router.yaml:1:20: accessLog.file is 'access.log'", "absolute path"),
        ("accessLog: { format: jso }", "router.yaml:1:22:", "json"),
        ("accessLog: { sample: 101% }", "router.yaml:1:22:", "from 0% to 100%"),
        ("accessLog: on", "router.yaml:1:12:", "file, format, sample"),
        ("", "router.yaml:1:1: the file is empty", "trustedProxies"),
        ("limits: [", "router.yaml:", ""),
    ])
    func aMistakeIsToldWithItsPlace(text: String, place: String, hint: String) throws {
        let found = problems(text)
        #expect(found.count == 1)
        let words = try #require(found.first).description
        #expect(words.hasPrefix(place) && (hint.isEmpty || words.contains(hint)), "\(words)")
    }

    @Test func allMistakesAreTold() {
        #expect(problems("limits: { a: 1, headTimeout: 0s }\naccessLog: { file: a }").count == 3)
    }

    /// The same keys as in a table, so that people need to learn them once.
    @Test func theKeysAreThoseOfATable() throws {
        func keys(_ text: String, _ path: String...) throws -> Set<String> {
            var here = try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any]
            for part in path {
                let properties = here?["properties"] as? [String: Any]
                here = properties?[part] as? [String: Any]
                if let choices = here?["oneOf"] as? [[String: Any]] { here = choices.last }
            }
            return Set(try #require(here?["properties"] as? [String: Any]).keys)
        }
        let (mine, table) = (ServiceFileSchema.routerSettings, RouteTableSchema.text)
        #expect(try keys(mine, "limits") == keys(table, "limits"))
        #expect(try keys(mine).isSubset(of: keys(table)))
        #expect(try keys(mine, "accessLog") == ["file", "format", "sample"])
        #expect(try keys(table, "accessLog") == ["file", "format", "sampleBasisPoints"])
    }

    /// The published files are those that this version gives.
    @Test(arguments: [
        ("route-table.json", RouteTableSchema.text), ("router-settings.json", ServiceFileSchema.routerSettings),
        ("service-file.json", ServiceFileSchema.text),
    ])
    func theSchemaInDocsIsThis(name: String, text: String) throws {
        let file = try String(contentsOfFile: "Docs/schemas/" + name, encoding: .utf8)
        #expect(file == text, "write it anew with: make schemas")
    }
}
