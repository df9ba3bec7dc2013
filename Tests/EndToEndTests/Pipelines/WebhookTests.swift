import Foundation
import Testing

extension EndToEnd {
    @Suite(.serialized) struct WebhookTests {
        private static let secret = "a-shared-secret-of-some-length"
        private static let zeros = String(repeating: "0", count: 40)

        private func push(_ bare: String, _ commit: String) -> Data {
            Data(
                #"""
                {"ref":"refs/heads/main","before":"\#(Self.zeros)","after":"\#(commit)",
                "repository":{"clone_url":"file://\#(bare)"},"pusher":{"name":"ann"}}
                """#.utf8)
        }

        /// HMAC by another program.
        private func signature(_ body: Data, _ world: World, secret: String = secret) throws -> String {
            let path = world.root + "/body"
            try body.write(to: URL(filePath: path))
            return try world.tool(
                "python3", "-c",
                "import hashlib, hmac, sys; body = open(sys.argv[2], 'rb').read(); "
                    + "print(hmac.new(sys.argv[1].encode(), body, hashlib.sha256).hexdigest())",
                secret, path)
        }

        private func send(
            _ world: World, _ headers: [String: String], _ body: Data, forge: String = "github",
            repository: String = "shop"
        ) throws -> Reply {
            try world.api(
                "POST", "/api/v1/webhooks/\(forge)/\(repository)", token: .some(nil), headers: headers, body: body)
        }

        @Test func signedOnesBuildAndOthersDoNot() throws {
            try World.with { world in
                try world.secret("SHOP_WEBHOOK", Self.secret)
                let bare = try world.bare()
                #expect(try world.run("pipeline", "repositories", "add", "shop", bare, "--poll", "0").code == 0)
                let commit = try world.commit(Behaviour(version: "one"), .quick())
                try world.push(to: bare)
                let body = push(bare, commit)
                let good = try signature(body, world)
                func headers(_ signature: String?, _ id: String) -> [String: String] {
                    var all = ["x-github-event": "push", "x-github-delivery": id, "content-type": "application/json"]
                    all["x-hub-signature-256"] = signature.map { "sha256=" + $0 }
                    return all
                }
                #expect(try send(world, headers(nil, "a"), body).status == 401)
                #expect(try send(world, headers(String(repeating: "0", count: 64), "b"), body).status == 401)
                let other = try signature(body, world, secret: "another-secret-of-some-length")
                #expect(try send(world, headers(other, "c"), body).status == 401)
                #expect(try send(world, headers(good, "d"), body + Data(" ".utf8)).status == 401)
                #expect(try send(world, headers(good, "e"), body, repository: "nowhere").status == 401)
                #expect(try send(world, headers(good, "e"), body, forge: "bitbucket").status == 404)
                #expect(try world.runs().isEmpty, "nothing was built by these")
                let taken = try send(world, headers(good, "f"), body)
                #expect(taken.status == 202 && taken.text.contains("accepted"), "\(taken)")
                #expect(world.shows("one"))
                #expect(try world.ended(commit).actor == "ann")
            }
        }

        @Test func aReplayDoesNothingEvenAfterARestart() throws {
            try World.with { world in
                try world.secret("SHOP_WEBHOOK", Self.secret)
                let bare = try world.bare()
                #expect(try world.run("pipeline", "repositories", "add", "shop", bare, "--poll", "0").code == 0)
                let commit = try world.commit(Behaviour(version: "one"), .quick())
                try world.push(to: bare)
                let body = push(bare, commit)
                let signature = try signature(body, world)
                func deliver(_ id: String) throws -> Reply {
                    try send(
                        world,
                        ["x-gitea-event": "push", "x-gitea-delivery": id, "x-gitea-signature": signature], body,
                        forge: "gitea")
                }
                #expect(try deliver("one").text.contains("accepted"))
                #expect(world.shows("one"))
                #expect(try deliver("one").text.contains("repeated"))
                try world.restart()
                let replayed = try deliver("another id, which is not signed")
                #expect(replayed.status == 202 && replayed.text.contains("repeated"), "\(replayed)")
                #expect(try world.runs().count == 1)
            }
        }

        @Test func gitlabShowsItsTokenAndOtherEventsAreIgnored() throws {
            try World.with { world in
                try world.secret("SHOP_WEBHOOK", Self.secret)
                let bare = try world.bare()
                #expect(try world.run("pipeline", "repositories", "add", "shop", bare, "--poll", "0").code == 0)
                let commit = try world.commit(Behaviour(version: "one"), .quick())
                try world.push(to: bare)
                let body = Data(
                    #"""
                    {"ref":"refs/heads/main","before":"\#(Self.zeros)","after":"\#(commit)",
                    "project":{"git_http_url":"file://\#(bare)"},"user_username":"bea"}
                    """#.utf8)
                func headers(_ token: String, _ event: String) -> [String: String] {
                    ["x-gitlab-token": token, "x-gitlab-event": event, "x-gitlab-event-uuid": event]
                }
                #expect(try send(world, headers("wrong", "Push Hook"), body, forge: "gitlab").status == 401)
                let other = try send(world, headers(Self.secret, "Issue Hook"), Data("{}".utf8), forge: "gitlab")
                #expect(other.status == 202 && other.text.contains("ignored"), "\(other)")
                #expect(try send(world, headers(Self.secret, "Push Hook"), body, forge: "gitlab").status == 202)
                #expect(world.shows("one"))
                #expect(try world.ended(commit).actor == "bea")
            }
        }
    }
}
