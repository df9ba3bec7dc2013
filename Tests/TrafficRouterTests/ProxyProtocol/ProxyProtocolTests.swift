import DeliveryModel
import NIOCore
import Testing

@testable import TrafficRouter

/// The PROXY header at the door: believed from those who are trusted, demanded of them, and of no use to others.
struct ProxyProtocolTests {
    private let offer = TrafficPipeline.Offer(takesProxyHeader: true)

    private func range(_ text: String) throws -> [AddressRange] { [try #require(AddressRange(text))] }

    private let header = Array("PROXY TCP4 192.0.2.7 127.0.0.1 4660 80\r\n".utf8)

    private func answer(_ entrance: Entrance, _ pieces: [[UInt8]]) async throws -> [String: String] {
        let client = try await FrameClient(port: entrance.port)
        for piece in pieces { try await client.send(piece) }
        let fields = try FrameClient.fields(try await client.headers(1))
        await client.close()
        return fields
    }

    private func expectSource(_ source: String, _ entrance: Entrance, _ pieces: [[UInt8]]) async throws {
        let fields = try await answer(entrance, pieces)
        #expect(fields["x-for"] == source)
    }

    private var request: [UInt8] {
        FrameClient.preface + FrameClient.frame(FrameType.settings, 0, 0, []) + ConformanceTests.headers(1)
    }

    @Test("the client's true address comes to the instance")
    func believed() async throws {
        try await withEntrance(offer, trusted: try range("127.0.0.0/8")) { entrance in
            try await expectSource("192.0.2.7", entrance, [header + request])
            let split = [Array(header.prefix(9)), Array(header.dropFirst(9)) + request]
            try await expectSource("192.0.2.7", entrance, split)
            let own = Array("PROXY UNKNOWN\r\n".utf8)
            try await expectSource("127.0.0.1", entrance, [own + request])
        }
    }

    @Test("one who is trusted must send it")
    func demanded() async throws {
        try await withEntrance(offer, trusted: try range("127.0.0.0/8")) { entrance in
            let client = try await FrameClient(port: entrance.port)
            try await client.send(Array("GET / HTTP/1.1\r\nhost: a\r\n\r\n".utf8))
            #expect(try await eventually { client.isClosed })
            #expect(client.frames.isEmpty)
            #expect(try await entrance.counted(ProxyHeader.Flaw.missing.rawValue) == 1)
        }
    }

    @Test("from anybody else it is a malformed request")
    func untrusted() async throws {
        try await withEntrance(offer, trusted: try range("10.0.0.0/8")) { entrance in
            try await expectSource("127.0.0.1", entrance, [request])
            let client = try await FrameClient(port: entrance.port)
            try await client.send(header + request)
            #expect(try await eventually { client.isClosed })
        }
    }

    @Test("it must come in time")
    func deadline() async throws {
        var limits = RouterLimits()
        limits.headTimeout = .milliseconds(200)
        try await withEntrance(offer, limits: limits, trusted: try range("127.0.0.0/8")) { entrance in
            let client = try await FrameClient(port: entrance.port)
            try await client.send(Array(header.prefix(20)))
            #expect(try await eventually { client.isClosed })
        }
    }
}
