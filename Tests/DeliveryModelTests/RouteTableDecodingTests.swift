import DeliveryModel
import Foundation
import Testing

@Suite struct RouteTableDecodingTests {
    private let digest = "sha256:" + String(repeating: "a", count: 64)

    private func decode(_ text: String) throws -> RouteTable {
        try JSONDecoder().decode(RouteTable.self, from: Data(text.utf8))
    }

    /// A table of one service with more keys.
    private func table(_ keys: String, release: String = "") -> String {
        """
        {"services": [{"name": "shop", \(keys.isEmpty ? "" : keys + ",") "releases": [
            {"digest": "\(digest)", "shareBasisPoints": 10000, \(release) "instances": [{"port": 4000}]}]}]}
        """
    }

    @Test func whatHasADefaultMayBeLeftOut() throws {
        let release = RoutedRelease(
            digest: try #require(ReleaseDigest(digest)), shareBasisPoints: .all,
            instances: [RoutedInstance(id: "127.0.0.1:4000", port: 4000)])
        let service = RoutedService(name: try #require(ServiceName("shop")), releases: [release])
        let read = try decode(table(""))
        #expect(read == RouteTable(generation: 1, services: [service]))
        #expect(read.trustedProxies.map(\.description) == ["127.0.0.0/8", "::1/128"])
        #expect(read.certificates.isEmpty && read.limits == TrafficLimits() && read.accessLog == nil)
        #expect(service.sticky == .cookie && service.hold == nil && service.mirror == nil && service.rules.isEmpty)
        #expect(release.instanceProtocol == .http1 && release.role == nil)
    }

    /// As the router before this one wrote it to its file.
    @Test func anOldTableIsStillOne() throws {
        let text = """
            {"generation": 3, "services": [{"name": "shop", "hosts": ["a"], "paths": ["/b"], "preview": "nobody",
            "releases": [{"digest": "\(digest)", "commit": "c", "shareBasisPoints": 10000, "salt": "s",
            "healthPath": "/ok", "instances": [{"id": "x", "host": "127.0.0.1", "port": 1, "draining": true}]}]}]}
            """
        let release = RoutedRelease(
            digest: try #require(ReleaseDigest(digest)), commit: "c", shareBasisPoints: .all, salt: "s",
            healthPath: "/ok", instances: [RoutedInstance(id: "x", port: 1, draining: true)])
        #expect(
            try decode(text)
                == RouteTable(
                    generation: 3,
                    services: [
                        RoutedService(
                            name: try #require(ServiceName("shop")), hosts: ["a"], paths: ["/b"], preview: .nobody,
                            releases: [release])
                    ]))
    }

    @Test func theWholeFormComesBackAsItWas() throws {
        let table = try RouteTableFixture.table()
        #expect(try JSONDecoder().decode(RouteTable.self, from: JSONEncoder().encode(table)) == table)
    }

    @Test(arguments: ["rescue", "health", "timeouts", "sticky"])
    func emptyPartsAreDefaults(key: String) throws {
        #expect(try decode(table(#""\#(key)": {}"#)) == decode(table("")))
    }

    @Test func partsMayBeWrittenInPart() throws {
        let service = try decode(
            table(
                #"""
                "rescue": {"deadline": 0.25}, "health": {"passive": {"consecutiveFailures": 0}, "slowStart": 1.5},
                "mirror": {"to": "\#(digest)", "compare": {}}, "hold": {"mode": "pause"}, "timeouts": {"response": 2},
                "rules": [{"source": ["::1"], "release": "candidate"}]
                """#)
        ).services[0]
        #expect(service.rescue == RescuePolicy(deadline: .milliseconds(250)))
        #expect(
            service.health
                == HealthPolicy(passive: PassiveHealth(consecutiveFailures: 0), slowStart: .milliseconds(1500)))
        #expect(service.mirror == TrafficMirror(to: try #require(ReleaseDigest(digest)), compare: MirrorComparison()))
        #expect(service.hold == TrafficHold(mode: .pause))
        #expect(service.timeouts == UpstreamTimeouts(response: .seconds(2)))
        #expect(service.rules == [RouteRule(source: [try RouteTableFixture.range("::1")], release: .candidate)])
    }

    @Test func nothingIsTheSameAsLeftOut() throws {
        #expect(
            try decode(table(#""hold": null, "mirror": null, "rescue": null"#, release: #""role": null,"#))
                == decode(table("")))
    }

    @Test func keysOfTomorrowAreIgnored() throws {
        #expect(
            try decode(table(#""tomorrow": 1, "rescue": {"tomorrow": 1}"#, release: #""tomorrow": 1,"#))
                == decode(table("")))
    }

    @Test(arguments: [
        "{}", #"{"services": [{"name": "Shop", "releases": []}]}"#,
        #"{"services": [{"name": "shop", "releases": [{"digest": "x", "shareBasisPoints": 1, "instances": []}]}]}"#,
        #"{"services": [], "certificates": [{"chain": "/c"}]}"#, #"{"services": [], "accessLog": {"format": "xml"}}"#,
        #"{"services": [], "trustedProxies": ["10.0.0.0/33"]}"#, #"{"services": [], "limits": {"headTimeout": "1s"}}"#,
    ])
    func whatIsNeededIsAskedFor(text: String) {
        #expect(throws: DecodingError.self) { try decode(text) }
    }

    @Test(arguments: [
        (#""sticky": {"by": "header"}"#, "by 'header' needs the name of a header in 'header'"),
        (#""sticky": {"by": "cookie", "header": "x"}"#, "'header' has a meaning only with by 'header'"),
        (
            #""rules": [{"header": {"name": "x"}, "release": "candidate"}]"#,
            "a condition has exactly one of equals, prefix, regex and present, found none"
        ),
        (
            #""rules": [{"query": {"name": "x", "equals": "1", "regex": "2"}, "release": "candidate"}]"#,
            "a condition has exactly one of equals, prefix, regex and present, found equals and regex"
        ),
        (
            #""rules": [{"source": ["10.0.0.0/33"], "release": "candidate"}]"#,
            "'10.0.0.0/33' is not an address range such as 10.0.0.0/8, 2001:db8::/32 or 192.0.2.1"
        ),
        (#""rescue": {"budgetBasisPoints": 10001}"#, "share 10001 is not within 0 to 10000 basis points"),
        (#""rescue": {"deadline": 1e300}"#, "1e+300 is not a number of seconds"),
    ])
    func mistakesAreSaid(keys: String, words: String) throws {
        let error = #expect(throws: DecodingError.self) { try decode(table(keys)) }
        guard case .dataCorrupted(let context)? = error else {
            Issue.record("another error: \(String(describing: error))")
            return
        }
        #expect(context.debugDescription == words)
        #expect(context.codingPath.first?.stringValue == "services" && context.codingPath[1].intValue == 0)
    }

    @Test(arguments: [
        ("<p>", "text/html"), (" \n<!doctype html>", "text/html"), ("Back soon", "text/plain"), ("", "text/plain"),
    ])
    func aPageHasAType(page: String, type: String) {
        #expect(TrafficHold(mode: .stop, page: page).pageType == type + "; charset=utf-8")
        #expect(TrafficHold(mode: .stop, page: page, contentType: "a/b").pageType == "a/b")
    }
}
