import DeliveryModel
import RolloutEngine
import Testing

/// What of the service files of baseline and candidate is in force, and when.
@Suite struct RoutesTests {
    private func bench(_ baseline: RouteSpecification, _ candidate: RouteSpecification) throws -> Bench {
        var bench = Bench()
        try bench.send(.deploy(record(1, baseline), actor: "ann"))
        try bench.finish(1)
        try bench.send(.deploy(record(2, candidate), actor: "ann"))
        return bench
    }

    private func record(_ number: Int, _ route: RouteSpecification) -> ReleaseRecord {
        var record = Bench.record(number)
        record.specification.route = route
        return record
    }

    private func roles(_ bench: Bench) -> [ReleaseDigest: ReleaseRole] {
        (bench.state.routes?.releases ?? []).reduce(into: [:]) { $0[$1.digest] = $1.role }
    }

    private let both = [Bench.digest(1): ReleaseRole.baseline, Bench.digest(2): .candidate]

    @Test func rolesAreSaidFromTheDarkToTheSoak() throws {
        var bench = try bench(.init(), .init())
        #expect(roles(bench).isEmpty, "it is not ready")
        try bench.ready(2)
        #expect(roles(bench) == both && bench.shares() == [1: 10_000])
        #expect(bench.state.routes?.candidate?.digest == Bench.digest(2))
        try bench.verified()
        #expect(roles(bench) == both)
        try bench.send(.promote(actor: "ann"))
        #expect(roles(bench) == both && bench.shares() == [2: 10_000])
        #expect(bench.state.routes?.baseline?.digest == Bench.digest(1))
        try bench.judged(.promote, after: .seconds(30))
        #expect(roles(bench).isEmpty && bench.state.rollout == nil)
    }

    @Test func theFirstReleaseHasNoRole() throws {
        var bench = Bench()
        try bench.deploy(1)
        try bench.ready(1)
        #expect(bench.state.routes?.releases.count == 1 && roles(bench).isEmpty)
    }

    @Test func theBaselinesRoutesHoldUntilTheCandidateIsComplete() throws {
        let rule = RouteRule(methods: ["GET"], release: .candidate)
        var bench = try bench(
            .init(hosts: ["old.test"], sticky: .header("x-old"), rules: [rule], health: .init(slowStart: .seconds(1))),
            .init(hosts: ["new.test"], sticky: .header("x-new"), timeouts: .init(connect: .seconds(1))))
        try bench.ready(2)
        try bench.verified()
        var routes = try #require(bench.state.routes)
        #expect(routes.hosts == ["old.test"] && routes.sticky == .header("x-old") && routes.rules == [rule])
        #expect(routes.health.slowStart == .seconds(1) && routes.timeouts == .init())
        try bench.finish(2)
        routes = try #require(bench.state.routes)
        #expect(routes.hosts == ["new.test"] && routes.sticky == .header("x-new") && routes.rules.isEmpty)
        #expect(routes.health.slowStart == .zero && routes.timeouts.connect == .seconds(1))
    }

    @Test func rescueIsTheCandidates() throws {
        var bench = try bench(.init(rescue: .init(deadline: .seconds(5))), .init(rescue: .init(enabled: false)))
        #expect(bench.state.routes?.rescue.enabled == true, "it is not ready")
        try bench.ready(2)
        #expect(bench.effects.contains(.route) && bench.state.routes?.rescue.enabled == false)
        try bench.verified()
        #expect(bench.state.routes?.rescue.enabled == false)
        try bench.send(.abort(actor: "ann"))
        #expect(bench.state.routes?.rescue == .init(deadline: .seconds(5)))
    }

    @Test func protocolAndHealthPathAreEachReleasesOwn() throws {
        var bench = try bench(
            .init(), .init(instanceProtocol: .h2c, health: .init(active: .init(path: "/deep"))))
        try bench.ready(2)
        let releases = try #require(bench.state.routes?.releases)
        #expect(releases.map(\.instanceProtocol) == [.http1, .h2c])
        #expect(releases.map(\.healthPath) == ["/healthz", "/deep"])
    }

    @Test func requestsAreMirroredInTheDarkOnly() throws {
        let mirror = MirrorSpecification(share: Share(clamping: 100), time: .seconds(600), compare: nil)
        var bench = try bench(.init(mirror: .init(share: .all)), .init(mirror: mirror))
        #expect(bench.state.routes?.mirror == nil && bench.state.darkUntil == nil, "it is not ready")
        try bench.ready(2)
        #expect(bench.effects.contains(.route), "the router must know")
        #expect(
            bench.state.routes?.mirror == TrafficMirror(to: Bench.digest(2), shareBasisPoints: Share(clamping: 100)))
        #expect(bench.state.darkUntil == bench.now + .seconds(600))
        try bench.verified()
        #expect(bench.state.routes?.mirror == nil && bench.state.darkUntil == nil, "it serves people now")
        try bench.send(.abort(actor: "ann"))
        #expect(bench.state.routes?.mirror == nil, "the live release mirrors to nobody")
    }

    @Test func theFirstReleaseIsMirroredNothing() throws {
        var bench = Bench()
        try bench.send(.deploy(record(1, .init(mirror: .init(share: .all))), actor: "ann"))
        try bench.ready(1)
        #expect(bench.state.routes?.mirror == nil && bench.state.darkUntil == nil)
    }

    @Test func theCertificateIsTheLiveReleases() throws {
        func route(_ name: String) -> RouteSpecification {
            .init(hosts: ["\(name).test"], tls: .init(certificate: "/\(name).pem", key: "/\(name).key"))
        }
        var bench = try bench(route("old"), route("new"))
        try bench.ready(2)
        let old = RoutedCertificate(hosts: ["old.test"], chain: "/old.pem", key: "/old.key")
        #expect(bench.state.certificate == old)
        try bench.finish(2)
        #expect(bench.state.certificate == RoutedCertificate(hosts: ["new.test"], chain: "/new.pem", key: "/new.key"))
        #expect(ServiceState(service: Bench.name("shop")).certificate == nil)
    }
}
