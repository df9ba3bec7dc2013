import DeliveryModel
import Foundation
import Testing

/// What is read under `route`.
@Suite struct ServiceFileRouteTests {
    private func route(_ text: String) throws -> RouteSpecification {
        let file = "service: shop\nrun: { command: [a] }\n" + text
        return try ServiceFileParser.parse(Array(file.utf8), file: "f").route
    }

    @Test func everyKeyIsRead() throws {
        let read = try route(
            """
            route:
              hosts: [Shop.test]
              paths: [/shop]
              preview: nobody
              previewFrom: [10.0.0.0/8, "::1"]
              protocol: h2c
              sticky: { by: header, header: X-User-ID }
              rules:
                - name: staff
                  header: { name: X-Staff, equals: "1" }
                  cookie: { name: beta, present: on }
                  query: { name: v, prefix: "2" }
                  method: [GET, POST]
                  pathPrefix: /shop
                  pathRegex: ^/shop/[0-9]+$
                  source: [192.0.2.0/24]
                  release: candidate
                  counted: on
                - { header: { name: user-agent, regex: "(?i)bot" }, release: baseline }
                - { cookie: { name: opt-out, present: off }, release: 0a1b2c3d }
              rescue: { deadline: 250ms, maxBody: 16KiB, budget: 5% }
              health:
                active: { path: /deep?x=1, interval: 5s, timeout: 1s, jitter: 20%, healthyAfter: 3, unhealthyAfter: 4 }
                passive:
                  consecutiveFailures: 0
                  errorShare: 12.5%
                  minimumRequests: 50
                  window: 1m
                  ejectFor: 20s
                  maxEjectFor: 2m
                slowStart: 15s
                panic: 0%
              mirror:
                share: 0.5%
                for: 10m
                methods: [GET]
                maxBody: 0B
                compare: { status: off, headers: [ETag], json: off, ignore: [/id, /items/*/at], noise: 100% }
              timeouts: { connect: 100ms, response: 10s, stream: 1h }
              tls: { certificate: /etc/tls/shop.pem, key: /etc/tls/shop.key }
            """)
        let rules = [
            RouteRule(
                name: "staff", header: FieldCondition(name: "x-staff", .equals("1")),
                cookie: FieldCondition(name: "beta", .present(true)), query: FieldCondition(name: "v", .prefix("2")),
                methods: ["GET", "POST"], pathPrefix: "/shop", pathRegex: "^/shop/[0-9]+$",
                source: [try RouteTableFixture.range("192.0.2.0/24")], release: .candidate, counted: true),
            RouteRule(header: FieldCondition(name: "user-agent", .regex("(?i)bot")), release: .baseline),
            RouteRule(cookie: FieldCondition(name: "opt-out", .present(false)), release: .named("0a1b2c3d")),
        ]
        #expect(
            read
                == RouteSpecification(
                    hosts: ["shop.test"], paths: ["/shop"], preview: .nobody,
                    previewFrom: [try RouteTableFixture.range("10.0.0.0/8"), try RouteTableFixture.range("::1")],
                    instanceProtocol: .h2c, sticky: .header("x-user-id"), rules: rules,
                    rescue: RescuePolicy(
                        deadline: .milliseconds(250), maxBodyBytes: 16_384, budgetBasisPoints: Share(clamping: 500)),
                    health: HealthPolicy(
                        active: ActiveHealth(
                            path: "/deep?x=1", interval: .seconds(5), timeout: .seconds(1),
                            jitterBasisPoints: Share(clamping: 2_000), healthyAfter: 3, unhealthyAfter: 4),
                        passive: PassiveHealth(
                            consecutiveFailures: 0, errorShareBasisPoints: Share(clamping: 1_250), minimumRequests: 50,
                            window: .seconds(60), ejectFor: .seconds(20), maxEjectFor: .seconds(120)),
                        slowStart: .seconds(15), panicBasisPoints: .none),
                    mirror: MirrorSpecification(
                        share: Share(clamping: 50), time: .seconds(600), methods: ["GET"], maxBodyBytes: 0,
                        compare: MirrorComparison(
                            status: false, headers: ["etag"], json: false, ignore: ["/id", "/items/*/at"],
                            noiseShareBasisPoints: .all)),
                    timeouts: UpstreamTimeouts(
                        connect: .milliseconds(100), response: .seconds(10), stream: .seconds(3_600)),
                    tls: CertificateSpecification(certificate: "/etc/tls/shop.pem", key: "/etc/tls/shop.key")))
    }

    @Test func whatIsNotWrittenHasItsDefault() throws {
        #expect(try route("") == RouteSpecification())
        #expect(try route("route: {}") == RouteSpecification())
        #expect(try route("route: { rescue: on, health: { passive: on } }") == RouteSpecification())
        #expect(try route("route: { sticky: { by: cookie } }").sticky == .cookie)
        let mirror = try #require(try route("route: { mirror: { share: 1% } }").mirror)
        #expect(mirror == MirrorSpecification(share: Share(clamping: 100)))
        #expect(mirror.time == .seconds(300) && mirror.compare == MirrorComparison())
    }

    @Test(arguments: ["off", "false"]) func switchesTurnOff(word: String) throws {
        let read = try route(
            "route: { rescue: \(word), health: { passive: \(word) }, mirror: { share: 1%, compare: \(word) } }")
        #expect(!read.rescue.enabled && read.health.passive == .off && read.mirror?.compare == nil)
    }

    @Test func oneOfTwoTimesIsBroughtIntoLine() throws {
        let longer = try route("route: { health: { passive: { ejectFor: 10m } } }").health.passive
        #expect(longer.ejectFor == .seconds(600) && longer.maxEjectFor == .seconds(600))
        let shorter = try route("route: { health: { passive: { maxEjectFor: 5s } } }").health.passive
        #expect(shorter.ejectFor == .seconds(5) && shorter.maxEjectFor == .seconds(5))
    }

    /// States hold specifications; those of earlier versions know three keys.
    @Test func storedSpecificationsOfEarlierVersionsAreRead() throws {
        let text = #"{"hosts": ["a"], "paths": ["/b"], "preview": "anyone"}"#
        let read = try JSONDecoder().decode(RouteSpecification.self, from: Data(text.utf8))
        #expect(read == RouteSpecification(hosts: ["a"], paths: ["/b"], preview: .anyone))
    }

    @Test func theWholeFormComesBackAsItWas() throws {
        let written = RouteSpecification(
            hosts: ["a"], previewFrom: AddressRange.loopback, instanceProtocol: .h2c, sticky: .header("x"),
            rules: try RouteTableFixture.service().rules, rescue: RescuePolicy(enabled: false),
            health: HealthPolicy(slowStart: .seconds(1)),
            mirror: MirrorSpecification(share: .all, time: .seconds(1), compare: nil),
            timeouts: UpstreamTimeouts(connect: .seconds(1)),
            tls: CertificateSpecification(certificate: "/c", key: "/k"))
        let text = try JSONEncoder().encode(written)
        #expect(try JSONDecoder().decode(RouteSpecification.self, from: text) == written)
        let keys = try JSONSerialization.jsonObject(with: text) as? [String: Any]
        #expect(keys?["protocol"] as? String == "h2c")
        #expect((keys?["mirror"] as? [String: Any])?["for"] as? Double == 1)
    }
}
