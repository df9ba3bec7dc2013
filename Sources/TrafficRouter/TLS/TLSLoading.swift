import DeliveryModel
import NIOSSL

/// One certificate, ready to be used.
struct TLSCertificate: Sendable {
    let context: NIOSSLContext
    /// The names it is for, in small letters: `shop.example` or `*.shop.example`.
    let hosts: [String]

    /// Reads both files and checks that they belong together.
    static func load(_ files: RoutedCertificate) throws(TLSFailure) -> TLSCertificate {
        let chain: [NIOSSLCertificate]
        do {
            chain = try NIOSSLCertificate.fromPEMFile(files.chain)
        } catch {
            throw TLSFailure("certificate '\(files.chain)' cannot be read as PEM (\(error))")
        }
        guard let leaf = chain.first else {
            throw TLSFailure("certificate '\(files.chain)' holds no certificate")
        }
        let key: NIOSSLPrivateKey
        do {
            key = try NIOSSLPrivateKey(file: files.key, format: .pem)
        } catch {
            throw TLSFailure("key '\(files.key)' cannot be read as PEM without a pass phrase (\(error))")
        }
        do {
            let context = try NIOSSLContext(configuration: configuration(chain, key))
            return TLSCertificate(context: context, hosts: files.hosts.isEmpty ? hosts(leaf) : files.hosts)
        } catch {
            throw TLSFailure("key '\(files.key)' does not belong to certificate '\(files.chain)' (\(error))")
        }
    }

    /// Mozilla's "intermediate" (https://wiki.mozilla.org/Security/Server_Side_TLS), less the suites of DHE, which
    /// BoringSSL does not have. The suites of TLS 1.3 are all good and not to be chosen.
    private static func configuration(_ chain: [NIOSSLCertificate], _ key: NIOSSLPrivateKey) -> TLSConfiguration {
        var configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: chain.map { .certificate($0) }, privateKey: .privateKey(key))
        configuration.minimumTLSVersion = .tlsv12
        configuration.cipherSuites = [
            "ECDHE-ECDSA-AES128-GCM-SHA256", "ECDHE-RSA-AES128-GCM-SHA256", "ECDHE-ECDSA-AES256-GCM-SHA384",
            "ECDHE-RSA-AES256-GCM-SHA384", "ECDHE-ECDSA-CHACHA20-POLY1305", "ECDHE-RSA-CHACHA20-POLY1305",
        ].joined(separator: ":")
        configuration.applicationProtocols = ["h2", "http/1.1"]
        configuration.renegotiationSupport = .none
        return configuration
    }

    private static func hosts(_ certificate: NIOSSLCertificate) -> [String] {
        certificate._subjectAlternativeNames().compactMap { name in
            guard name.nameType == .dnsName else { return nil }
            return name.contents.withUnsafeBufferPointer { String(decoding: $0, as: UTF8.self).lowercased() }
        }
    }
}

/// Why certificates could not be put in force, in words for people.
struct TLSFailure: Error, Equatable, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}

/// All certificates in force at one time.
struct TLSCertificates: Sendable {
    /// The one for clients that name no host, or one that no certificate is for.
    let standard: TLSCertificate
    private let byHost: [String: TLSCertificate]
    let count: Int

    /// - Parameter all: in the order of preference; the first one is the standard one.
    /// - Returns: `nil` if there are none.
    init?(_ all: [TLSCertificate]) {
        guard let first = all.first else { return nil }
        standard = first
        count = all.count
        var byHost: [String: TLSCertificate] = [:]
        for certificate in all {
            for host in certificate.hosts where byHost[host] == nil { byHost[host] = certificate }
        }
        self.byHost = byHost
    }

    /// The certificate for a host: exactly, or by a wildcard for its first label (RFC 6125, section 6.4.3).
    func choose(_ host: String?) -> TLSCertificate {
        guard let host = host?.lowercased() else { return standard }
        if let exact = byHost[host] { return exact }
        guard let dot = host.firstIndex(of: "."), dot > host.startIndex else { return standard }
        return byHost["*" + host[dot...]] ?? standard
    }
}
