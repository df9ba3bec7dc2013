import DeliveryModel
import Testing

@testable import TrafficRouter

struct RouteMatchingTests {
    static func service(_ name: String, hosts: [String] = [], paths: [String] = []) throws -> RoutedService {
        RoutedService(name: try ChoosingSample.name(name), hosts: hosts, paths: paths, releases: [])
    }

    static func matching() throws -> RouteMatching {
        RouteMatching(services: [
            try service("any"), try service("shop", paths: ["/shop"]), try service("cart", paths: ["/shop/cart/"]),
            try service("host", hosts: ["a.test"], paths: ["/x"]),
            try service("both", hosts: ["A.test", "c.test."], paths: ["/x/y", "/z/"]),
            try service("late", hosts: ["c.test"], paths: ["/x/y", "/only"]),
        ])
    }

    @Test(arguments: [
        ("b.test", "/", 0), ("b.test", "/shop", 1), ("b.test", "/shop/", 1), ("b.test", "/shopping", 0),
        ("b.test", "/shop/cart", 2), ("b.test", "/shop/cart/1", 2), ("b.test", "/shop/cartoon", 1),
        ("b.test", "/Shop", 0),
        ("b.test", "/shop?x=/cart", 1), ("b.test", "//shop", 0), ("b.test", "/%73hop", 0), ("b.test", "/shop/cart?", 2),
        ("a.test", "/x/shop", 3), ("a.test", "/shop", 1), ("a.test", "/xy", 0), ("a.test", "/x/y", 4),
        ("a.test", "/x/yz", 3),
        ("A.TEST", "/x", 3), ("a.Test.", "/x", 3), ("a.test:8080", "/x", 3), ("a.test.:80", "/x", 3),
        ("aa.test", "/x", 0),
        ("c.test", "/x/y/1", 4), ("c.test", "/only", 5), ("c.test", "/x", 0), ("C.TEST.", "/z", 4),
        ("[::1]:80", "/shop", 1),
    ])
    func longestPrefixAtSegmentBorders(host: String, path: String, expected: Int) throws {
        #expect(try Self.matching().service(ChoosingSample.head("GET \(path)", host: host)) == expected)
    }

    @Test(arguments: [
        ("GET http://a.test", 1), ("GET http://a.test/x", 2), ("OPTIONS *", 1), ("OPTIONS http://a.test", 1),
    ])
    func otherFormsOfTargets(start: String, expected: Int) throws {
        let matching = RouteMatching(services: [
            try Self.service("path", paths: ["/y"]), try Self.service("root", paths: ["/"]),
            try Self.service("host", hosts: ["a.test"], paths: ["/x"]),
        ])
        #expect(try matching.service(ChoosingSample.head(start, host: "a.test")) == expected)
    }

    @Test func nothingMatches() throws {
        let matching = RouteMatching(services: [try Self.service("host", hosts: ["a.test"], paths: ["/x"])])
        #expect(try matching.service(ChoosingSample.head("GET /y", host: "a.test")) == nil)
        #expect(try matching.service(ChoosingSample.head("GET /x", host: "b.test")) == nil)
        #expect(try RouteMatching(services: []).service(ChoosingSample.head()) == nil)
        #expect(
            RouteMatching.unmatched(try ChoosingSample.head("GET /y?z", host: "B.Test.:80"))
                == "no service is routed at b.test/y")
    }

    @Test func aRequestWithoutHostIsForAnyHost() throws {
        let head = RequestHead()
        try head.parse(Array("GET /shop HTTP/1.0\r\n\r\n".utf8).span, limits: HeadLimits())
        #expect(try Self.matching().service(head) == 1)
    }

    /// Names of all lengths, so that every end of the hash's words is met.
    @Test func manyHostsAreToldApart() throws {
        let hosts = (0..<600).map { "\($0)" + String(repeating: "x", count: $0 % 23) + ".test" }
        let matching = RouteMatching(
            services: try hosts.enumerated().map { try Self.service("s\($0.offset)", hosts: [$0.element]) })
        for (index, host) in hosts.enumerated() {
            let written = index.isMultiple(of: 2) ? host.uppercased() : host
            #expect(try matching.service(ChoosingSample.head("GET /", host: written)) == index)
            #expect(try matching.service(ChoosingSample.head("GET /", host: "x" + host)) == nil)
        }
    }
}
