/// Who sends a webhook. The forms are those of their documents: GitHub "Webhook events and payloads", GitLab "Webhook
/// events", Gitea "Webhooks".
enum WebhookSender: String, Sendable, Codable, CaseIterable {
    case github
    case gitlab
    case gitea
}

/// A request as it came, before anything in it is believed.
struct WebhookRequest: Sendable {
    /// Most bytes of a body: what GitHub sends at most (25 MB) is far more than a push needs.
    static let bodyLimit = 4 << 20

    var sender: WebhookSender
    /// By lower-case name.
    var headers: [String: String]
    var body: [UInt8]
}

/// What a webhook that was signed rightly says.
enum WebhookNews: Sendable, Equatable {
    case push(PushNews)
    /// The sender tries whether anybody is there.
    case ping
    /// Signed, understood, and of no interest: its event's name.
    case other(String)
}

/// A branch has another commit now. Only a hint that it is time to look: which commit is built is what the repository
/// says when it is fetched, so that news that come late or out of order do no harm.
struct PushNews: Sendable, Equatable, Codable {
    /// URLs by which the sender knows the repository, the one for cloning first.
    var repositories: [String]
    var branch: String
    /// Full hash of the commit before; `nil` for a new branch.
    var before: String?
    /// Full hash of the commit now; `nil` when the branch was deleted.
    var after: String?
    /// Who pushed, as the sender names them; empty when it does not.
    var actor: String
}

/// What came of a webhook.
struct WebhookDelivery: Sendable, Equatable {
    /// The sender's identifier, the same when it sends again.
    var id: String
    /// SHA-256 of the body in hexadecimal. The identifier is not signed and could be changed; the body could not.
    var digest: String
    var news: WebhookNews
}

/// Why a webhook is not believed.
struct WebhookRefusal: Error, Sendable, Equatable, CustomStringConvertible {
    enum Code: String, Sendable {
        /// No signature, or a wrong one.
        case unsigned
        /// Signed, but not of the form that the sender documents.
        case malformed
        case tooLarge
    }

    var code: Code
    var message: String

    var description: String { message }
}
