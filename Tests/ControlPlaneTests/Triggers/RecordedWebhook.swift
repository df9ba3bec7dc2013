@testable import ControlPlane

/// Webhooks as their senders document them, with signatures that were made by another program (Python's `hmac`).
enum RecordedWebhook {
    static let secret = Array("It's a Secret to Everybody".utf8)
    static let before = "95790bf891e76fee5e1747ab589903a6a1f80f22"
    static let after = "da1560886d4f094c3e6c9ef40349f7d38b5d27d7"

    static let github = request(
        .github, github: "0078ead33790d2fe7ad7464df688311b2ffda3ac0691d1e87dfb8536de95aac6",
        #"""
        {"ref":"refs/heads/main","before":"95790bf891e76fee5e1747ab589903a6a1f80f22","after":"da15\#
        60886d4f094c3e6c9ef40349f7d38b5d27d7","repository":{"id":1,"full_name":"Codertocat/Hello-W\#
        orld","html_url":"https://github.com/Codertocat/Hello-World","git_url":"git://github.com/C\#
        odertocat/Hello-World.git","ssh_url":"git@github.com:Codertocat/Hello-World.git","clone_ur\#
        l":"https://github.com/Codertocat/Hello-World.git","pushed_at":1557933657},"pusher":{"name\#
        ":"Codertocat","email":"c@example.org"},"created":false,"deleted":false,"forced":false,"co\#
        mmits":[]}
        """#)

    static let gitlab = WebhookRequest(
        sender: .gitlab,
        headers: [
            "x-gitlab-event": "Push Hook", "x-gitlab-token": "It's a Secret to Everybody",
            "x-gitlab-event-uuid": "13792a34-cac6-4fda-95a8-c58e00a3954e",
            "idempotency-key": "f5e5f430-f57b-4e6e-9fac-d9128cd7232f",
        ],
        body: Array(
            #"""
            {"object_kind":"push","event_name":"push","before":"95790bf891e76fee5e1747ab589903a6a1f80f\#
            22","after":"da1560886d4f094c3e6c9ef40349f7d38b5d27d7","ref":"refs/heads/main","checkout_s\#
            ha":"da1560886d4f094c3e6c9ef40349f7d38b5d27d7","user_id":4,"user_name":"John Smith","user_\#
            username":"jsmith","project":{"id":15,"name":"Diaspora","web_url":"http://example.com/mike\#
            /diaspora","git_ssh_url":"git@example.com:mike/diaspora.git","git_http_url":"http://exampl\#
            e.com/mike/diaspora.git"},"repository":{"name":"Diaspora","url":"git@example.com:mike/dias\#
            pora.git","homepage":"http://example.com/mike/diaspora"},"commits":[],"total_commits_count\#
            ":0}
            """#.utf8))

    static let gitea = WebhookRequest(
        sender: .gitea,
        headers: [
            "x-gitea-event": "push", "x-gitea-delivery": "f6266f16-1bf3-46a5-9ea4-602e06ead473",
            "x-gitea-signature": "18467b8a1f9c231e66d08d898bf2869b47ee7982a18f36b7d56253ad9a7bbaa0",
        ],
        body: Array(
            #"""
            {"ref":"refs/heads/develop","before":"0000000000000000000000000000000000000000","after":"d\#
            a1560886d4f094c3e6c9ef40349f7d38b5d27d7","compare_url":"http://localhost:3000/gitea/webhoo\#
            ks/compare/x","commits":[],"repository":{"id":140,"full_name":"gitea/webhooks","html_url":\#
            "http://localhost:3000/gitea/webhooks","ssh_url":"ssh://gitea@localhost:2222/gitea/webhook\#
            s.git","clone_url":"http://localhost:3000/gitea/webhooks.git"},"pusher":{"id":1,"login":"g\#
            itea","username":"gitea"}}
            """#.utf8))

    /// A push of a tag, rightly signed.
    static let tag = request(
        .github, github: "6ac32dab0539321912ebbfdafafb0ec40a29bbe96823ec414c257e523fdb4822",
        String(decoding: github.body, as: UTF8.self).replacing("refs/heads/main", with: "refs/tags/v1"))

    /// The branch was deleted.
    static let deletion = request(
        .github, github: "501384d595e791a943caebf35c8f157c2159cc92500cb1775e806917d60b9c11",
        String(decoding: github.body, as: UTF8.self).replacing(after, with: String(repeating: "0", count: 40)))

    static let notJSON = request(
        .github, github: "58c1f6f56457a60ecd5df86b0d6275b016ed0b54778916e3afe5ac57979001ae", "ref=refs%2Fheads%2Fmain")

    static let shortHash = request(
        .github, github: "49b7aaa3c86549c9cb1f10115ba22293dd249582fc9ae2df5773ced632a54c23",
        String(decoding: github.body, as: UTF8.self).replacing(after, with: "da15608"))

    /// The example of GitHub's "Validating webhook deliveries".
    static let example = request(
        .github, github: "757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17", "Hello, World!",
        event: "ping")

    private static func request(
        _ sender: WebhookSender, github signature: String, _ body: String, event: String = "push"
    ) -> WebhookRequest {
        WebhookRequest(
            sender: sender,
            headers: [
                "x-github-event": event, "x-github-delivery": "72d3162e-cc78-11e3-81ab-4c9367dc0958",
                "x-hub-signature-256": "sha256=" + signature,
            ], body: Array(body.utf8))
    }
}
