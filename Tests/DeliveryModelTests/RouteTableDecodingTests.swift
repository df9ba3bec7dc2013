import DeliveryModel
import Foundation
import Testing

struct RouteTableDecodingTests {
    private let digest = "sha256:" + String(repeating: "a", count: 64)

    @Test func whatHasADefaultMayBeLeftOut() throws {
        let text = """
            {"services": [{"name": "shop", "releases": [
                {"digest": "\(digest)", "shareBasisPoints": 10000, "instances": [{"port": 4000}]}]}]}
            """
        let table = try JSONDecoder().decode(RouteTable.self, from: Data(text.utf8))
        let release = RoutedRelease(
            digest: try #require(ReleaseDigest(digest)), shareBasisPoints: .all,
            instances: [RoutedInstance(id: "127.0.0.1:4000", port: 4000)])
        #expect(
            table
                == RouteTable(
                    generation: 1,
                    services: [RoutedService(name: try #require(ServiceName("shop")), releases: [release])]))
    }

    @Test func theWholeFormComesBackAsItWas() throws {
        let release = RoutedRelease(
            digest: try #require(ReleaseDigest(digest)), commit: "abc", shareBasisPoints: .all, salt: "s",
            healthPath: "/ok", instances: [RoutedInstance(id: "one", host: "127.0.0.2", port: 1, draining: true)])
        let table = RouteTable(
            generation: 7,
            services: [
                RoutedService(
                    name: try #require(ServiceName("shop")), hosts: ["a"], paths: ["/b"], preview: .nobody,
                    releases: [release])
            ])
        let text = try JSONEncoder().encode(table)
        #expect(try JSONDecoder().decode(RouteTable.self, from: text) == table)
    }

    @Test(arguments: [
        "{}", #"{"services": [{"name": "Shop", "releases": []}]}"#,
        #"{"services": [{"name": "shop", "releases": [{"digest": "x", "shareBasisPoints": 1, "instances": []}]}]}"#,
    ])
    func whatIsNeededIsAskedFor(text: String) {
        #expect(throws: DecodingError.self) { try JSONDecoder().decode(RouteTable.self, from: Data(text.utf8)) }
    }
}
