import DeliveryModel
import NIOCore
import NIOPosix
import Testing

@testable import TrafficRouter

/// A table of which little changed costs little, and is followed as any other.
@Suite(.timeLimit(.minutes(1)))
struct InstallTests {
    private func service(_ name: String, _ digit: Character, port: Int = 9) throws -> RoutedService {
        RoutedService(
            name: try Sample.name(name), hosts: ["\(name).test"],
            releases: [
                RoutedRelease(
                    digest: try Sample.digest(digit), shareBasisPoints: .all,
                    instances: [RoutedInstance(id: "\(name)-\(digit)", port: port)])
            ])
    }

    @Test func servicesThatAreAsTheyWereStay() async throws {
        let loop = MultiThreadedEventLoopGroup.singleton.next()
        let first = RouteTable(generation: 1, services: [try service("a", "1"), try service("b", "1")])
        var second = RouteTable(generation: 2, services: [first.services[0], try service("b", "2")])
        var third = second
        third.generation = 3
        third.services.insert(try service("c", "1"), at: 0)
        var fourth = third
        fourth.generation = 4
        fourth.services.removeLast()
        var fifth = fourth
        fifth.generation = 5
        fifth.limits.connectTimeout = .milliseconds(1234)
        second.trustedProxies = []
        try await loop.submit { [second, third, fourth, fifth] in
            let worker = Worker(eventLoop: loop, limits: .init(), index: 0, workerCount: 1)
            worker.install(first)
            let (a, b) = (worker.table.services[0], worker.table.services[1])
            worker.install(second)
            #expect(worker.table.services[0] === a && worker.table.trustedProxies.isEmpty)
            #expect(worker.table.services[1] !== b && worker.table.services[1].releases[0] !== b.releases[0])
            #expect(b.releases[0].removed && b.releases[0].instances.isEmpty)
            #expect(Set(worker.instances.keys.map(\.id)) == ["a-1", "b-2"])
            #expect(!a.releases[0].removed && a.releases[0].instances.allSatisfy { !$0.removed })
            let newB = worker.table.services[1]
            worker.install(third)
            #expect(worker.table.services[1] === a && worker.table.services[2] === newB, "in other places now")
            worker.install(fourth)
            #expect(worker.table.services.map(\.routed.name.text) == ["c", "a"])
            #expect(newB.releases[0].removed)
            #expect(Set(worker.instances.keys.map(\.id)) == ["a-1", "c-1"])
            let times = worker.table.services.map(\.connectTimeout)
            worker.install(fifth)
            #expect(worker.table.services[1] !== a, "limits are of all services")
            #expect(worker.table.services.allSatisfy { $0.connectTimeout == .milliseconds(1234) })
            #expect(times.allSatisfy { $0 != .milliseconds(1234) })
            worker.install(fourth)
            #expect(worker.table.generation == 5, "an older one")
        }.get()
    }

    /// Tables at random, each host asked after each: who answers is who stands in the table.
    @Test func requestsFollowEachTable() async throws {
        var servers: [TestInstance] = []
        for name in ["zero", "one", "two"] { servers.append(try await TestInstance.start(name)) }
        try await withRouter(RouteTable(generation: 1), workers: 2) { router in
            for generation in UInt64(2)..<30 {
                var expected: [String: String] = [:]
                var services: [RoutedService] = []
                for name in ["a", "b", "c", "d"].shuffled() where Bool.random() {
                    let server = servers[Int.random(in: 0..<3)]
                    var routed = try service(name, "1", port: server.port)
                    if Bool.random() { routed.hosts = ["\(name).other"] }
                    expected[routed.hosts[0]] = server.name
                    services.append(routed)
                }
                try await router.apply(RouteTable(generation: generation, services: services))
                let client = try await TestClient.connect(port: router.trafficPort)
                for host in ["a", "b", "c", "d"].flatMap({ ["\($0).test", "\($0).other"] }) {
                    try await client.send("GET / HTTP/1.1\r\nHost: \(host)\r\n\r\n")
                    let answer = try await client.response()
                    #expect(answer.status == (expected[host] == nil ? 404 : 200), "\(host) in table \(generation)")
                    if let name = expected[host] { #expect(answer.text == name) }
                }
                await client.close()
            }
        }
        for server in servers { await server.stop() }
    }
}
