import DeliveryModel
import FoundationEssentials
import NIOCore
import NIOSSL
import Testing

@testable import TrafficRouter

/// Certificates by name, by version, and changed while connections are made.
struct TLSTests {
    /// Files of certificates in a directory that is removed afterwards.
    private func withFiles(_ body: (String) async throws -> Void) async throws {
        var random = SystemRandomNumberGenerator()
        let directory = "/tmp/nonevent-tls-\(RandomKey.hex(using: &random))"
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: directory) }
        try await body(directory)
    }

    private func write(_ pair: TestCertificate.Pair, _ directory: String, as name: String) throws -> RoutedCertificate {
        let files = RoutedCertificate(chain: "\(directory)/\(name).pem", key: "\(directory)/\(name).key")
        try write(pair.certificate, to: files.chain)
        try write(pair.key, to: files.key)
        return files
    }

    private func write(_ text: String, to path: String) throws {
        try Data(text.utf8).write(to: URL(filePath: path))
    }

    private func withTLS(
        _ pairs: [TestCertificate.Pair], _ body: (Entrance, TLSCertificateStore, String) async throws -> Void
    ) async throws {
        try await withFiles { directory in
            let store = TLSCertificateStore()
            store.use(try pairs.map { try write($0, directory, as: $0.name) })
            try await withEntrance(.init(certificates: store)) { try await body($0, store, directory) }
        }
    }

    private func expectCertificate(_ name: String, _ entrance: Entrance, _ host: String?) async throws {
        let greeting = try await TLSClient.greet(entrance.port, host: host)
        #expect(greeting.certificate == name, "\(host ?? "-")")
    }

    @Test("the certificate is chosen by the name that the client asks for")
    func serverName() async throws {
        try await withTLS([TestCertificate.shop, TestCertificate.wild, TestCertificate.other]) { entrance, _, _ in
            for (host, name) in [
                ("shop.example", "shop"), ("WWW.shop.example", "shop"), ("a.wild.example", "wild"),
                ("a.b.wild.example", "shop"), ("wild.example", "shop"), ("unknown.example", "shop"),
            ] {
                try await expectCertificate(name, entrance, host)
            }
            try await expectCertificate("shop", entrance, nil)
        }
    }

    @Test("TLS 1.2 and 1.3, and nothing older; HTTP/2 where the client knows it")
    func versions() async throws {
        try await withTLS([TestCertificate.shop]) { entrance, _, _ in
            let port = entrance.port
            let new = try await TLSClient.greet(port, host: "shop.example", protocols: ["h2", "http/1.1"])
            #expect(new == TLSGreeting(certificate: "shop", version: .tlsv13, negotiated: "h2"))
            let older = try await TLSClient.greet(port, host: nil, protocols: ["http/1.1"], versions: 12...12)
            #expect(older == TLSGreeting(certificate: "shop", version: .tlsv12, negotiated: "http/1.1"))
            let plain = try await TLSClient.greet(port, host: nil, protocols: [])
            #expect(plain.negotiated == nil)
            await #expect(throws: (any Error).self) {
                try await TLSClient.greet(port, host: nil, versions: 11...11)
            }
            #expect(
                try await eventually {
                    try await entrance.worker.submit { $0.counters.connections.handshakeFailures["failed"] }.get() == 1
                })
        }
    }

    @Test("new files are taken up, broken ones are not, and what stands goes on")
    func reload() async throws {
        try await withTLS([TestCertificate.shop]) { entrance, store, directory in
            #expect(!store.reloadIfChanged())
            _ = try write(TestCertificate.other, directory, as: "shop")
            #expect(store.reloadIfChanged())
            #expect(store.failures == [])
            try await expectCertificate("other", entrance, nil)
            // Half of a change: a certificate whose key has not come yet.
            try write(TestCertificate.wild.certificate, to: "\(directory)/shop.pem")
            #expect(store.reloadIfChanged())
            #expect(store.failures.first?.contains("does not belong to certificate") == true)
            #expect(!store.reloadIfChanged())
            try await expectCertificate("other", entrance, nil)
            try write("nonsense", to: "\(directory)/shop.pem")
            #expect(store.reloadIfChanged())
            #expect(store.failures.first?.contains("cannot be read as PEM") == true)
            try FileManager.default.removeItem(atPath: "\(directory)/shop.pem")
            #expect(store.reloadIfChanged())
            #expect(store.failures.count == 1)
            try await expectCertificate("other", entrance, nil)
            _ = try write(TestCertificate.wild, directory, as: "shop")
            #expect(store.reloadIfChanged())
            #expect(store.failures == [])
            try await expectCertificate("wild", entrance, nil)
        }
    }

    @Test("a certificate that cannot be read keeps no other from being used, and comes when it can")
    func partlyBroken() async throws {
        try await withTLS([TestCertificate.shop]) { entrance, store, directory in
            let shop = RoutedCertificate(chain: "\(directory)/shop.pem", key: "\(directory)/shop.key")
            let wild = try write(TestCertificate.wild, directory, as: "wild")
            let missing = RoutedCertificate(chain: "\(directory)/none.pem", key: "\(directory)/none.key")
            let failures = store.use([missing, wild, shop])
            #expect(failures.count == 1 && failures[0].contains("none.pem"))
            #expect(store.certificates?.count == 2)
            try await expectCertificate("wild", entrance, "a.wild.example")
            try await expectCertificate("shop", entrance, "shop.example")
            _ = try write(TestCertificate.other, directory, as: "none")
            #expect(store.reloadIfChanged())
            #expect(store.failures == [])
            #expect(store.certificates?.count == 3)
            try await expectCertificate("other", entrance, nil)
        }
    }

    @Test("names of the table go before those of the certificate")
    func tableNames() async throws {
        try await withTLS([TestCertificate.shop]) { entrance, store, directory in
            var wild = try write(TestCertificate.wild, directory, as: "wild")
            wild.hosts = ["inner.test"]
            store.use([RoutedCertificate(chain: "\(directory)/shop.pem", key: "\(directory)/shop.key"), wild])
            try await expectCertificate("wild", entrance, "inner.test")
            try await expectCertificate("shop", entrance, "a.wild.example")
        }
    }

    @Test("who connects and says nothing is let go")
    func silent() async throws {
        var limits = RouterLimits()
        limits.handshakeTimeout = .milliseconds(200)
        try await withFiles { directory in
            let store = TLSCertificateStore()
            store.use([try write(TestCertificate.shop, directory, as: "shop")])
            try await withEntrance(.init(certificates: store), limits: limits) { entrance in
                let client = try await FrameClient(port: entrance.port)
                #expect(try await eventually { client.isClosed })
                #expect(try await entrance.counted("head_timeout") == 1)
            }
        }
    }
}
