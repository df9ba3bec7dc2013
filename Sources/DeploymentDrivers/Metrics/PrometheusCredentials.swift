import DeliveryModel
import FoundationEssentials

/// What a Prometheus server is shown, read anew for each question because secrets are rotated in their files.
struct PrometheusCredentials {
    /// Most bytes of a token or a password.
    static let sizeLimit = 64 << 10

    /// The value of the `authorization` header; `nil`: none is sent.
    let authorization: String?
    /// Where they come from, for a person.
    let origin: String?
    private let secrets: [String]

    /// - Throws: `MetricError` that names the file when it is unreadable, empty or no single line; never what is in it.
    init(_ specification: PrometheusSpecification) throws(MetricError) {
        if let path = specification.bearerTokenFile {
            let token = try Self.secret(path, "bearerTokenFile")
            guard token.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
                throw MetricError("bearerTokenFile \(path) must hold one token of printable ASCII without blanks")
            }
            authorization = "Bearer " + token
            origin = "bearerTokenFile \(path)"
            secrets = [token]
        } else if let username = specification.username {
            guard let path = specification.passwordFile else {
                throw MetricError("judge.prometheus has username but no passwordFile; write both")
            }
            // RFC 7617: what comes after the first colon is the password.
            guard !username.contains(":") else { throw MetricError("judge.prometheus.username must not contain ':'") }
            let password = try Self.secret(path, "passwordFile")
            let encoded = Data("\(username):\(password)".utf8).base64EncodedString()
            authorization = "Basic " + encoded
            origin = "username and passwordFile \(path)"
            secrets = [password, encoded]
        } else {
            (authorization, origin, secrets) = (nil, nil, [])
        }
    }

    /// A server's words, which may repeat what it was sent, without the secrets.
    func redacted(_ text: String) -> String {
        secrets.reduce(text) { text, secret in
            text.split(separator: secret, omittingEmptySubsequences: false)
                .joined(separator: "***")
        }
    }

    /// The file's text without the line end that editors add.
    private static func secret(_ path: String, _ name: String) throws(MetricError) -> String {
        let bytes: [UInt8]
        do { bytes = try ShimFiles.read(path, limit: sizeLimit) } catch {
            throw MetricError("cannot read \(name) of judge.prometheus: \(error)")
        }
        var text = bytes[...]
        while let last = text.last, last == UInt8(ascii: "\n") || last == UInt8(ascii: "\r") { text.removeLast() }
        guard !text.isEmpty else { throw MetricError("\(name) \(path) of judge.prometheus is empty") }
        guard !text.contains(where: { $0 < 0x20 || $0 == 0x7F }), let secret = String(validating: text, as: UTF8.self)
        else { throw MetricError("\(name) \(path) of judge.prometheus must hold one line of text") }
        return secret
    }
}
