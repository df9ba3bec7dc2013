import DeliveryModel
import Testing

/// A table in which nothing is as by default, so that every key shows.
enum RouteTableFixture {
    static func digest(_ digit: Character) throws -> ReleaseDigest {
        try #require(ReleaseDigest(String(repeating: digit, count: 64)))
    }

    static func range(_ text: String) throws -> AddressRange { try #require(AddressRange(text)) }

    static func table() throws -> RouteTable {
        var limits = TrafficLimits()
        limits.maxHeadBytes = 32_768
        limits.maxHeadFields = 100
        limits.maxTargetBytes = 8_192
        limits.maxFieldBytes = 4_096
        limits.maxChunkLineBytes = 128
        limits.maxTrailerBytes = 0
        limits.maxDiscardedBytes = 1
        limits.maxClientConnections = 2
        limits.maxConnectionsPerAddress = 3
        limits.maxStreamsPerConnection = 4
        limits.maxResetsPerMinute = 5
        limits.maxIdlePerInstance = 6
        limits.maxConnectRetries = 7
        limits.handshakeTimeout = .milliseconds(1_500)
        limits.headTimeout = .seconds(2)
        limits.bodyTimeout = .seconds(3)
        limits.idleTimeout = .seconds(4)
        limits.connectTimeout = .seconds(5)
        limits.responseTimeout = .seconds(6)
        limits.streamTimeout = .seconds(7)
        limits.tunnelTimeout = .seconds(8)
        limits.discardTimeout = .seconds(9)
        limits.upstreamIdleTimeout = .seconds(10)
        limits.drainTimeout = .seconds(11)
        return RouteTable(
            generation: 7, services: [try service()],
            certificates: [RoutedCertificate(hosts: ["a", "*.b.example"], chain: "/c.pem", key: "/k.pem")],
            trustedProxies: [try range("10.0.0.0/8"), try range("2001:db8::/32")], limits: limits,
            accessLog: AccessLog(file: "/var/log/a", format: .combined, sampleBasisPoints: Share(clamping: 100)))
    }

    static func service() throws -> RoutedService {
        let rules = [
            RouteRule(
                name: "staff", header: FieldCondition(name: "x-staff", .equals("1")),
                cookie: FieldCondition(name: "beta", .present(true)),
                query: FieldCondition(name: "v", .prefix("2")), methods: ["GET"], pathPrefix: "/shop",
                pathRegex: "^/shop/[0-9]+$", source: [try range("192.0.2.0/24")], release: .candidate, counted: true),
            RouteRule(header: FieldCondition(name: "user-agent", .regex("bot")), release: .named("abcd")),
        ]
        return RoutedService(
            name: try #require(ServiceName("shop")), hosts: ["a"], paths: ["/b"], preview: .nobody,
            previewFrom: [try range("192.0.2.1")], sticky: .header("x-user-id"), rules: rules,
            rescue: RescuePolicy(
                enabled: false, methods: ["GET"], deadline: .milliseconds(250), maxBodyBytes: 1,
                budgetBasisPoints: Share(clamping: 1), minimumPerSecond: 2),
            hold: TrafficHold(
                mode: .stop, maxRequests: 1, maxWait: .seconds(2), retryAfter: .seconds(3), page: "<p>",
                contentType: "t",
                reason: "r", by: "ann", since: Timestamp(microseconds: 1_800_000_000_000_000)),
            health: HealthPolicy(
                active: ActiveHealth(
                    path: "/h", interval: .seconds(3), timeout: .seconds(4), jitterBasisPoints: .none, healthyAfter: 5,
                    unhealthyAfter: 6),
                passive: PassiveHealth(
                    consecutiveFailures: 7, errorShareBasisPoints: .all, minimumRequests: 8, window: .seconds(9),
                    ejectFor: .seconds(11), maxEjectFor: .seconds(12)),
                slowStart: .seconds(13), panicBasisPoints: .none),
            mirror: TrafficMirror(
                to: try digest("b"), shareBasisPoints: Share(clamping: 14), methods: ["POST"], maxBodyBytes: 15,
                maxQueued: 16,
                compare: MirrorComparison(
                    status: false, headers: ["etag"], json: false, ignore: ["/a/*/b"],
                    noiseShareBasisPoints: Share(clamping: 17), maxBodyBytes: 18)),
            timeouts: UpstreamTimeouts(connect: .milliseconds(1_500), response: .seconds(2), stream: .seconds(3)),
            releases: [
                RoutedRelease(
                    digest: try digest("a"), commit: "abc", shareBasisPoints: .all, salt: "s", healthPath: "/ok",
                    instanceProtocol: .h2c, role: .baseline,
                    instances: [RoutedInstance(id: "one", host: "127.0.0.2", port: 1, draining: true)]),
                RoutedRelease(digest: try digest("b"), shareBasisPoints: .none, role: .candidate, instances: []),
            ])
    }
}
