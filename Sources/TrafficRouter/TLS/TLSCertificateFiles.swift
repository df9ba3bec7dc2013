/// Where a certificate and its key lie, both in PEM.
public struct TLSCertificateFiles: Sendable, Equatable, Codable {
    /// The certificate, then those of the authorities up to the root, which may be left out.
    public var certificate: String
    /// The private key, without a pass phrase.
    public var key: String

    public init(certificate: String, key: String) {
        self.certificate = certificate
        self.key = key
    }
}
