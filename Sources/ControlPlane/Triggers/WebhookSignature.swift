import Crypto

/// Whether a request comes from someone who knows the secret.
///
/// GitHub: `X-Hub-Signature-256: sha256=<HMAC-SHA-256 of the body in hexadecimal>`. Gitea: the same number alone in
/// `X-Gitea-Signature`. GitLab: the secret itself in `X-Gitlab-Token`.
enum WebhookSignature {
    /// Shorter secrets can be guessed.
    static let secretMinimum = 16

    static func check(_ request: WebhookRequest, secret: [UInt8]) throws(WebhookRefusal) {
        guard secret.count >= secretMinimum else {
            throw WebhookRefusal(
                code: .unsigned,
                message: "the secret of this webhook has \(secret.count) bytes; use one of \(secretMinimum) or more")
        }
        let name = header(of: request.sender)
        guard let given = request.headers[name], !given.isEmpty else {
            throw WebhookRefusal(
                code: .unsigned, message: "expected the header \(name), found none; set a secret for the webhook")
        }
        let key = SymmetricKey(data: secret)
        let right: Bool
        switch request.sender {
        case .github:
            right = given.hasPrefix("sha256=") && isSignature(given.dropFirst(7), of: request.body, key)
        case .gitea: right = isSignature(given[...], of: request.body, key)
        case .gitlab: right = areEqual(Array(given.utf8), secret, key)
        }
        guard right else {
            throw WebhookRefusal(
                code: .unsigned,
                message: "\(name) does not fit the secret kept here; set the same secret at the sender")
        }
    }

    static func header(of sender: WebhookSender) -> String {
        switch sender {
        case .github: "x-hub-signature-256"
        case .gitea: "x-gitea-signature"
        case .gitlab: "x-gitlab-token"
        }
    }

    private static func isSignature(_ hexadecimal: Substring, of body: [UInt8], _ key: SymmetricKey) -> Bool {
        guard let bytes = decode(hexadecimal) else { return false }
        return HMAC<SHA256>.isValidAuthenticationCode(bytes, authenticating: body, using: key)
    }

    /// Compares in a time that tells nothing: the codes of both are compared, which differ everywhere when the texts
    /// differ anywhere.
    private static func areEqual(_ left: [UInt8], _ right: [UInt8], _ key: SymmetricKey) -> Bool {
        let code = Array(HMAC<SHA256>.authenticationCode(for: left, using: key))
        return HMAC<SHA256>.isValidAuthenticationCode(code, authenticating: right, using: key)
    }

    private static func decode(_ hexadecimal: Substring) -> [UInt8]? {
        let digits = hexadecimal.utf8.compactMap { Character(UnicodeScalar($0)).hexDigitValue }
        guard digits.count == hexadecimal.utf8.count, digits.count == 64 else { return nil }
        return stride(from: 0, to: digits.count, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) }
    }

    /// SHA-256 in hexadecimal.
    static func digest(of body: [UInt8]) -> String {
        SHA256.hash(data: body).map { byte in
            let text = String(byte, radix: 16)
            return text.count == 1 ? "0" + text : text
        }.joined()
    }
}
