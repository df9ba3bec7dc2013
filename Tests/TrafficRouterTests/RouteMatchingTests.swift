import DeliveryModel
import Testing

@testable import TrafficRouter

struct RouteMatchingTests {
    static func matching() throws -> RouteMatching {
        RouteMatching(services: [
            RoutedService(name: try Sample.name("any"), releases: []),
            RoutedService(name: try Sample.name("shop"), paths: ["/shop"], releases: []),
            RoutedService(name: try Sample.name("cart"), paths: ["/shop/cart/"], releases: []),
            RoutedService(name: try Sample.name("host"), hosts: ["a.test"], paths: ["/x"], releases: []),
        ])
    }

    @Test(arguments: [
        ("b.test", "/", 0), ("b.test", "/shop", 1), ("b.test", "/shop/", 1), ("b.test", "/shopping", 0),
        ("b.test", "/shop/cart", 2), ("b.test", "/shop/cart/1", 2), ("b.test", "/shop/cartoon", 1),
        ("a.test", "/x/shop", 3), ("a.test", "/shop", 1), ("a.test", "/xy", 0),
    ])
    func longestPrefixAtSegmentBorders(host: String, path: String, expected: Int) throws {
        #expect(try Self.matching().service(host: host, path: path[...]) == expected)
    }

    @Test(arguments: [
        ("Shop.Test:8080", "shop.test"), ("shop.test", "shop.test"), ("shop.test.", "shop.test"),
        ("[::1]:80", "[::1]"), ("[::1]", "[::1]"), ("", ""),
    ])
    func hostsAreNormalized(given: String, expected: String) {
        #expect(HostName.normalized(given[...]) == expected)
    }

    @Test(
        arguments: [
            ("nonevent-key=1", "1"), ("a=b; nonevent-key=2; c=d", "2"), ("xnonevent-key=3", nil), ("nonevent-key", nil),
            ("nonevent-key=", ""), ("", nil), (";;nonevent-key=4", "4"),
        ] as [(String, String?)])
    func cookiesAreFound(field: String, expected: String?) {
        #expect(Cookies.value("nonevent-key", in: field).map(String.init) == expected)
    }

    @Test func explicitReleases() throws {
        let instance = [RoutedInstance(id: "1", port: 1)]
        let releases = [
            RoutedRelease(
                digest: try Sample.digest("a"), commit: "abcd1234", shareBasisPoints: .all, instances: instance),
            RoutedRelease(
                digest: try Sample.digest("b"), commit: "abcd9999", shareBasisPoints: .none, instances: instance),
            RoutedRelease(digest: try Sample.digest("c"), commit: "cafe", shareBasisPoints: .none, instances: []),
        ]
        #expect(ExplicitRelease.match("abcd1", in: releases) == .found(0))
        #expect(ExplicitRelease.match("sha256:bbbb", in: releases) == .found(1))
        #expect(ExplicitRelease.match("abcd", in: releases) == .ambiguous)
        #expect(ExplicitRelease.match("aaa", in: releases) == .unknown)
        #expect(ExplicitRelease.match("cafe", in: releases) == .unknown)
    }

    @Test func healthNeedsTwoFailuresAndOneSuccess() {
        var state = HealthState()
        let results = [false, false, true, false, true, false].map { state.record(success: $0, unhealthyAfter: 2) }
        #expect(results == [false, true, true, false, false, false])
        #expect(state.isHealthy)
    }

    @Test(arguments: [(1_000_000_000, 0), (1_024_999_999, 1), (1_025_000_001, 2), (999_999_999, 0), (975_000_000, -1)])
    func latencyBuckets(nanoseconds: Int64, bucket: Int) {
        #expect(LatencyBuckets.bucket(nanoseconds: nanoseconds) == bucket)
    }
}
