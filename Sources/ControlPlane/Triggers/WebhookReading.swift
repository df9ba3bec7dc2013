import FoundationEssentials

extension WebhookRequest {
    /// Checks who sent it, then reads what it says.
    ///
    /// - Parameter secret: the secret that was agreed with the sender.
    /// - Throws: `.unsigned` before anything else is looked at.
    func read(secret: [UInt8]) throws(WebhookRefusal) -> WebhookDelivery {
        guard body.count <= Self.bodyLimit else {
            throw WebhookRefusal(
                code: .tooLarge, message: "the body has more than \(Self.bodyLimit) bytes, which no push needs")
        }
        try WebhookSignature.check(self, secret: secret)
        guard let event = headers[eventHeader], !event.isEmpty else {
            throw malformed("expected the header \(eventHeader), found none")
        }
        guard let id = deliveryHeaders.lazy.compactMap({ headers[$0] }).first(where: { !$0.isEmpty }),
            id.utf8.count <= 200
        else { throw malformed("expected an identifier of the delivery in \(deliveryHeaders[0]), found none") }
        return WebhookDelivery(id: id, digest: WebhookSignature.digest(of: body), news: try news(of: event))
    }

    private var eventHeader: String {
        switch sender {
        case .github: "x-github-event"
        case .gitlab: "x-gitlab-event"
        case .gitea: "x-gitea-event"
        }
    }

    /// GitLab names an event the same again when it is sent again only in the first of its two.
    private var deliveryHeaders: [String] {
        switch sender {
        case .github: ["x-github-delivery"]
        case .gitlab: ["idempotency-key", "x-gitlab-event-uuid"]
        case .gitea: ["x-gitea-delivery"]
        }
    }

    private func news(of event: String) throws(WebhookRefusal) -> WebhookNews {
        switch (sender, event) {
        case (.github, "ping"): return .ping
        case (.github, "push"), (.gitea, "push"), (.gitlab, "Push Hook"): break
        default: return .other(String(event.prefix(100)))
        }
        let payload: PushPayload
        do { payload = try JSONDecoder().decode(PushPayload.self, from: Data(body)) } catch {
            throw malformed("expected a push in JSON (content type application/json), found something else")
        }
        // Tags and other references are pushed as well, and build nothing.
        guard payload.ref.hasPrefix("refs/heads/") else { return .other("push of \(payload.ref.prefix(100))") }
        let repositories = payload.urls
        guard !repositories.isEmpty else { throw malformed("expected the URL of a repository, found none") }
        return .push(
            PushNews(
                repositories: repositories, branch: String(payload.ref.dropFirst("refs/heads/".count)),
                before: try commit(payload.before), after: try commit(payload.after), actor: payload.actor))
    }

    /// - Returns: `nil` for the hash of zeros that stands for no commit.
    private func commit(_ text: String) throws(WebhookRefusal) -> String? {
        guard [40, 64].contains(text.utf8.count), text.allSatisfy({ $0.isHexDigit && !$0.isUppercase }) else {
            throw malformed("expected the full hash of a commit, found '\(text.prefix(80))'")
        }
        return text.allSatisfy { $0 == "0" } ? nil : text
    }

    private func malformed(_ message: String) -> WebhookRefusal { WebhookRefusal(code: .malformed, message: message) }
}

/// The fields of a push that all three have, under the names that each uses.
private struct PushPayload: Decodable {
    struct Repository: Decodable {
        var cloneURL: String?
        var sshURL: String?
        var htmlURL: String?
        var gitURL: String?

        enum CodingKeys: String, CodingKey {
            case cloneURL = "clone_url"
            case sshURL = "ssh_url"
            case htmlURL = "html_url"
            case gitURL = "git_url"
        }
    }

    struct Project: Decodable {
        var http: String?
        var ssh: String?
        var web: String?

        enum CodingKeys: String, CodingKey {
            case http = "git_http_url"
            case ssh = "git_ssh_url"
            case web = "web_url"
        }
    }

    struct Pusher: Decodable {
        var name: String?
        var login: String?
    }

    var ref: String
    var before: String
    var after: String
    var repository: Repository?
    var project: Project?
    var pusher: Pusher?
    var username: String?

    enum CodingKeys: String, CodingKey {
        case ref, before, after, repository, project, pusher
        case username = "user_username"
    }

    var urls: [String] {
        let found = [
            repository?.cloneURL, project?.http, repository?.sshURL, project?.ssh, repository?.gitURL,
            repository?.htmlURL, project?.web,
        ]
        return found.compactMap { $0 }.filter { !$0.isEmpty }
    }

    var actor: String { String((username ?? pusher?.login ?? pusher?.name ?? "").prefix(100)) }
}
