import DeliveryModel
import Testing

@Suite struct RoutedServiceTests {
    /// A release by one letter of its digest.
    private func release(
        _ digit: Character, _ share: Int, salt: String = "", role: ReleaseRole? = nil, healthPath: String = ""
    ) throws -> RoutedRelease {
        RoutedRelease(
            digest: try RouteTableFixture.digest(digit), shareBasisPoints: Share(clamping: share), salt: salt,
            healthPath: healthPath, role: role, instances: [])
    }

    private func service(_ releases: RoutedRelease...) throws -> RoutedService {
        RoutedService(name: try #require(ServiceName("shop")), releases: releases)
    }

    @Test func saltAndShareTellTheCandidate() throws {
        let service = try service(release("a", 9_000), release("b", 1_000, salt: "s"), release("c", 0, salt: "t"))
        #expect(service.candidateIndex == 1 && service.candidate == service.releases[1])
        #expect(service.baselineIndex == 0 && service.baseline == service.releases[0])
    }

    @Test func whoServesEverybodyOrNobodyIsNoCandidateByItself() throws {
        let alone = try service(release("a", 10_000, salt: "s"), release("b", 0, salt: "t"))
        #expect(alone.candidate == nil && alone.baselineIndex == 0)
        #expect(try service(release("a", 0), release("b", 0, salt: "s")).baseline == nil)
    }

    @Test func rolesSaySoWhateverTheShares() throws {
        let dark = try service(release("a", 10_000, role: .baseline), release("b", 0, role: .candidate))
        #expect(dark.candidateIndex == 1 && dark.baselineIndex == 0)
        let soak = try service(release("a", 0, role: .baseline), release("b", 10_000, salt: "s", role: .candidate))
        #expect(soak.candidateIndex == 1 && soak.baselineIndex == 0)
        let onlyOne = try service(release("a", 9_000), release("b", 1_000, role: .candidate))
        #expect(onlyOne.candidateIndex == 1 && onlyOne.baselineIndex == 0)
        let salted = try service(release("a", 9_000, salt: "s", role: .baseline), release("b", 1_000))
        #expect(salted.candidate == nil && salted.baselineIndex == 0)
    }

    @Test func theLargestOfTheRestIsTheBaseline() throws {
        let service = try service(
            release("a", 2_000), release("b", 1_000, salt: "s"), release("c", 5_000), release("d", 2_000))
        #expect(service.baselineIndex == 2)
    }

    @Test(arguments: [
        (PreviewPolicy.anyone, "192.0.2.9", true), (.loopback, "127.0.0.1", true), (.loopback, "::1", true),
        (.loopback, "192.0.2.1", true), (.loopback, "192.0.2.9", false), (.nobody, "127.0.0.1", false),
        (.nobody, "192.0.2.1", true), (.nobody, "192.0.2.9", false),
    ])
    func previewIsForThoseAllowed(policy: PreviewPolicy, address: String, isAllowed: Bool) throws {
        var service = try service()
        service.preview = policy
        service.previewFrom = [try RouteTableFixture.range("192.0.2.1")]
        #expect(service.mayPreview(from: try #require(IPAddress(address))) == isAllowed)
    }

    @Test func aReleasesHealthPathGoesFirst() throws {
        var service = try service(release("a", 0), release("b", 0, healthPath: "/own"))
        #expect(service.healthPath(of: service.releases[0]) == nil)
        service.health.active.path = "/all"
        #expect(service.releases.map(service.healthPath) == ["/all", "/own"])
    }

    @Test func whatAServiceFileSaysIsRouted() throws {
        let text = """
            service: shop
            run: { command: [a], ready: { path: /ready } }
            route:
              hosts: [shop.test]
              protocol: h2c
              rules: [{ method: [POST], release: baseline }]
              rescue: { deadline: 2s }
              health: { active: { path: /deep }, slowStart: 5s }
              mirror: { share: 5%, compare: off }
              timeouts: { connect: 1s }
              tls: { certificate: /c.pem, key: /k.pem }
            """
        let file = try ServiceFileParser.parse(Array(text.utf8), file: "f")
        let release = RoutedRelease(
            digest: try RouteTableFixture.digest("a"), commit: "c", shareBasisPoints: .all, salt: "", role: nil,
            specification: file, instances: [])
        #expect(release.healthPath == "/deep" && release.instanceProtocol == .h2c)
        let service = RoutedService(name: file.service, route: file.route, releases: [release])
        #expect(service.hosts == ["shop.test"] && service.rules == file.route.rules)
        #expect(service.rescue.deadline == .seconds(2) && service.timeouts.connect == .seconds(1))
        #expect(service.health.slowStart == .seconds(5) && service.health.active.path.isEmpty)
        #expect(service.mirror == nil, "when is the engine's matter")
        let mirror = TrafficMirror(try #require(file.route.mirror), to: release.digest)
        #expect(mirror == TrafficMirror(to: release.digest, shareBasisPoints: Share(clamping: 500)))
        #expect(
            RoutedCertificate(file.route) == RoutedCertificate(hosts: ["shop.test"], chain: "/c.pem", key: "/k.pem"))
        var plain = file
        plain.route.health.active.path = ""
        #expect(
            RoutedRelease(
                digest: release.digest, commit: "", shareBasisPoints: .all, salt: "", role: nil, specification: plain,
                instances: []
            ).healthPath == "/ready")
    }

    @Test func certificatesAreMerged() {
        func entry(_ hosts: [String], _ name: String) -> RoutedCertificate {
            RoutedCertificate(hosts: hosts, chain: "/\(name).pem", key: "/\(name).key")
        }
        #expect(
            RoutedCertificate.merged([
                entry(["a", "b"], "x"), entry(["c"], "y"), entry(["b", "d"], "x"), entry(["a", "e"], "z"),
                entry(["c"], "z"),
            ]) == [entry(["a", "b", "d"], "x"), entry(["c"], "y"), entry(["e"], "z")])
    }
}
