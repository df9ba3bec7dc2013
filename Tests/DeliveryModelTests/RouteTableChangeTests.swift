import DeliveryModel
import Foundation
import Testing

/// What makes one table another gives exactly that table.
@Suite struct RouteTableChangeTests {
    private func table(_ generation: UInt64, _ names: [String], share: Int = 10_000) throws -> RouteTable {
        RouteTable(
            generation: generation,
            services: try names.map { name in
                RoutedService(name: try #require(ServiceName(name)), hosts: ["\(share).test"], releases: [])
            })
    }

    @Test func onlyWhatDiffersIsTold() throws {
        let old = try table(4, ["a", "c", "e"])
        var new = try table(5, ["a", "b", "c"])
        new.services[2].hosts = ["other.test"]
        let change = try #require(RouteTableChange(from: old, to: new))
        #expect(change.generation == 5)
        #expect(change.services.map(\.name.text) == ["b", "c"])
        #expect(change.removed.map(\.text) == ["e"])
        #expect(change.applied(to: old) == new)
        let read = try JSONDecoder().decode(RouteTableChange.self, from: JSONEncoder.canonical.encode(change))
        #expect(read == change)
    }

    @Test func anyTableComesAbout() throws {
        var random = SystemRandomNumberGenerator()
        let names = (1...9).map { "s\($0)" }
        for _ in 0..<300 {
            func some() throws -> RouteTable {
                var table = try table(1, names.filter { _ in Bool.random(using: &random) })
                for place in table.services.indices {
                    table.services[place].hosts = [Bool.random(using: &random) ? "x.test" : "y.test"]
                }
                return table
            }
            let (old, new) = (try some(), try some())
            let change = try #require(RouteTableChange(from: old, to: new))
            #expect(change.applied(to: old) == new)
        }
    }

    @Test func whatIsNotOfServicesOrHasNoOrderIsNoChange() throws {
        let old = try table(1, ["a", "b"])
        var other = try table(2, ["a", "b"])
        other.limits.maxHeadBytes = 5000
        #expect(RouteTableChange(from: old, to: other) == nil)
        other = try table(2, ["a", "b"])
        other.trustedProxies = []
        #expect(RouteTableChange(from: old, to: other) == nil)
        #expect(RouteTableChange(from: old, to: try table(2, ["b", "a"])) == nil)
        #expect(RouteTableChange(from: try table(1, ["b", "a"]), to: old) == nil)
        #expect(RouteTableChange(from: old, to: try table(2, ["a", "a"])) == nil)
    }

    @Test func theOrderOfATableByHandStays() throws {
        let old = try table(1, ["c", "a"])
        let name = try #require(ServiceName("b"))
        let change = RouteTableChange(generation: 2, services: [RoutedService(name: name, releases: [])], removed: [])
        #expect(change.applied(to: old).services.map(\.name.text) == ["b", "c", "a"])
        let twice = RouteTableChange(generation: 2, services: change.services + change.services)
        #expect(twice.applied(to: old).services.map(\.name.text) == ["b", "b", "c", "a"])
    }

    @Test func missingKeysAreNoServices() throws {
        let change = try JSONDecoder().decode(RouteTableChange.self, from: Data(#"{"generation":3}"#.utf8))
        #expect(change == RouteTableChange(generation: 3))
        #expect(throws: DecodingError.self) {
            try JSONDecoder().decode(RouteTableChange.self, from: Data(#"{"services":[]}"#.utf8))
        }
    }
}
