import DeliveryModel
import Testing

/// A table with one service that the router accepts, with every part in it.
enum TableFixture {
    static func digest(_ digit: Character) throws -> ReleaseDigest {
        try #require(ReleaseDigest(String(repeating: digit, count: 64)))
    }

    static func table() throws -> RouteTable {
        RouteTable(
            generation: 1, services: [try service()],
            certificates: [
                RoutedCertificate(hosts: ["shop.test", "*.shop.test"], chain: "/c.pem", key: "/k.pem"),
                RoutedCertificate(chain: "/d.pem", key: "/l.pem"),
            ], accessLog: AccessLog(file: "/var/log/nonevent.log"))
    }

    static func service() throws -> RoutedService {
        let rule = RouteRule(
            name: "staff", header: FieldCondition(name: "x-staff", .equals("1")),
            cookie: FieldCondition(name: "beta", .regex("^a")), query: FieldCondition(name: "v w", .prefix("2")),
            methods: ["GET"], pathPrefix: "/shop", pathRegex: "[0-9]+$", source: AddressRange.loopback,
            release: .candidate)
        return RoutedService(
            name: try #require(ServiceName("shop")), hosts: ["shop.test"], paths: ["/"],
            previewFrom: AddressRange.loopback, sticky: .header("x-user"), rules: [rule],
            hold: TrafficHold(mode: .pause, page: "wait", contentType: "text/plain"),
            mirror: TrafficMirror(
                to: try digest("b"), compare: MirrorComparison(headers: ["etag"], ignore: ["/id"])),
            timeouts: UpstreamTimeouts(connect: .seconds(1)),
            releases: [
                RoutedRelease(
                    digest: try digest("a"), shareBasisPoints: .all, healthPath: "/ok", role: .baseline,
                    instances: [RoutedInstance(id: "a-1", port: 4_000)]),
                RoutedRelease(
                    digest: try digest("b"), shareBasisPoints: .none, role: .candidate,
                    instances: [RoutedInstance(id: "b-1", port: 4_001)]),
            ])
    }
}
