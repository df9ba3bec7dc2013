import DeliveryModel
import FoundationEssentials
import Glibc
import Synchronization
import Testing

@testable import TrafficRouter

/// Who finds the queue of new connections full is dropped by the system and tries again a second later.
struct ListeningSocketTests {
    /// What the system has in force; `tcpi_sacked` of a socket that listens is the length of its queue.
    private func queueLength(of router: Router) throws -> Int {
        let socket = try #require(router.state.withLock { $0.sockets[.traffic] })
        var info = tcp_info()
        var size = socklen_t(MemoryLayout<tcp_info>.size)
        try #require(getsockopt(socket.descriptor, CInt(IPPROTO_TCP), TCP_INFO, &info, &size) == 0)
        return Int(info.tcpi_sacked)
    }

    private func longest() throws -> Int {
        let text = try String(contentsOf: URL(filePath: "/proc/sys/net/core/somaxconn"), encoding: .utf8)
        return min(4_096, try #require(Int(text.prefix { $0.isNumber })))
    }

    @Test func aBurstOfClientsFindsRoom() async throws {
        try await withRouter(RouteTable(generation: 1)) { router in
            let length = try queueLength(of: router)
            #expect(try length == longest())
        }
    }

    @Test func theNextRouterHasAsMuchRoom() async throws {
        try await withDirectory { directory in
            var configuration = RouterConfiguration(
                listenHost: "127.0.0.1", listenPort: 0, adminSocketPath: directory + "/admin.sock", workers: 1)
            let first = Router(configuration: configuration, initialTable: RouteTable(generation: 1))
            try await first.start()
            configuration.takesOver = true
            let next = Router(configuration: configuration, initialTable: nil)
            try await next.start()
            await first.handedOver()
            await first.shutdown()
            let length = try queueLength(of: next)
            #expect(try length == longest())
            await next.shutdown()
        }
    }
}
