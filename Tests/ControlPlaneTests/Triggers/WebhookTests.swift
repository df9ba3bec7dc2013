import DeliveryModel
import Testing

@testable import ControlPlane

@Suite struct WebhookTests {
    typealias Recorded = RecordedWebhook

    @Test func aPushIsRead() throws {
        let github = try Recorded.github.read(secret: Recorded.secret)
        #expect(github.id == "72d3162e-cc78-11e3-81ab-4c9367dc0958")
        #expect(github.digest.count == 64)
        #expect(
            github.news
                == .push(
                    PushNews(
                        repositories: [
                            "https://github.com/Codertocat/Hello-World.git",
                            "git@github.com:Codertocat/Hello-World.git",
                            "git://github.com/Codertocat/Hello-World.git",
                            "https://github.com/Codertocat/Hello-World",
                        ], branch: "main", before: Recorded.before, after: Recorded.after, actor: "Codertocat")))
        let gitlab = try Recorded.gitlab.read(secret: Recorded.secret)
        #expect(gitlab.id == "f5e5f430-f57b-4e6e-9fac-d9128cd7232f")
        #expect(
            gitlab.news
                == .push(
                    PushNews(
                        repositories: [
                            "http://example.com/mike/diaspora.git", "git@example.com:mike/diaspora.git",
                            "http://example.com/mike/diaspora",
                        ], branch: "main", before: Recorded.before, after: Recorded.after, actor: "jsmith")))
        guard case .push(let gitea) = try Recorded.gitea.read(secret: Recorded.secret).news else {
            Issue.record("expected a push")
            return
        }
        #expect(gitea.branch == "develop" && gitea.before == nil && gitea.after == Recorded.after)
        #expect(gitea.actor == "gitea")
    }

    @Test func allURLsOfARepositoryHaveOneIdentity() throws {
        guard case .push(let push) = try Recorded.github.read(secret: Recorded.secret).news else {
            Issue.record("expected a push")
            return
        }
        #expect(Set(push.repositories.map { GitURL($0)?.identity }) == ["github.com/codertocat/hello-world"])
    }

    @Test func otherEventsAreUnderstoodAndLeftAlone() throws {
        #expect(try Recorded.example.read(secret: Recorded.secret).news == .ping)
        #expect(try Recorded.tag.read(secret: Recorded.secret).news == .other("push of refs/tags/v1"))
        var issue = Recorded.gitlab
        issue.headers["x-gitlab-event"] = "Issue Hook"
        #expect(try issue.read(secret: Recorded.secret).news == .other("Issue Hook"))
        guard case .push(let deleted) = try Recorded.deletion.read(secret: Recorded.secret).news else {
            Issue.record("expected a push")
            return
        }
        #expect(deleted.after == nil && deleted.before == Recorded.before)
    }

    @Test(arguments: [Recorded.github, Recorded.gitlab, Recorded.gitea])
    func onlyWhoKnowsTheSecretIsBelieved(_ request: WebhookRequest) {
        #expect(refusal(request, secret: Array("another secret of enough bytes".utf8))?.code == .unsigned)
        var other = request
        let name = WebhookSignature.header(of: request.sender)
        for value in [nil, "", "sha256=", "sha1=757107ea", "0", String(repeating: "0", count: 64), "It's a Secret"] {
            other.headers[name] = value
            #expect(refusal(other)?.code == .unsigned, "\(value ?? "none")")
        }
        guard request.sender != .gitlab else { return }
        other = request
        for index in [0, request.body.count / 2, request.body.count - 1] {
            other.body = request.body
            other.body[index] ^= 1
            #expect(refusal(other)?.code == .unsigned)
        }
        other = request
        other.body.append(10)
        #expect(refusal(other)?.code == .unsigned)
        other = request
        other.headers[name] = other.headers[name].map { String($0.dropLast()) + ($0.hasSuffix("0") ? "1" : "0") }
        #expect(refusal(other)?.code == .unsigned)
    }

    @Test func aSecretThatCanBeGuessedIsRefused() {
        var request = Recorded.gitlab
        request.headers["x-gitlab-token"] = ""
        #expect(refusal(request, secret: [])?.code == .unsigned)
        request.headers["x-gitlab-token"] = "short"
        #expect(refusal(request, secret: Array("short".utf8))?.message.contains("use one of 16 or more") == true)
    }

    @Test func whatIsNoPushIsMalformed() {
        #expect(refusal(Recorded.notJSON)?.code == .malformed)
        #expect(refusal(Recorded.shortHash)?.message.contains("found 'da15608'") == true)
        var request = Recorded.github
        request.headers["x-github-event"] = nil
        #expect(refusal(request)?.message.contains("x-github-event") == true)
        request = Recorded.github
        request.headers["x-github-delivery"] = nil
        #expect(refusal(request)?.message.contains("x-github-delivery") == true)
        request.body = [UInt8](repeating: 0, count: WebhookRequest.bodyLimit + 1)
        #expect(refusal(request)?.code == .tooLarge)
    }

    private func refusal(_ request: WebhookRequest, secret: [UInt8] = Recorded.secret) -> WebhookRefusal? {
        do throws(WebhookRefusal) {
            _ = try request.read(secret: secret)
            return nil
        } catch {
            return error
        }
    }
}
