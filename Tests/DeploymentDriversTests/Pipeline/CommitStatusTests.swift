import AsyncHTTPClient
import DeliveryModel
import DeploymentDrivers
import Foundation
import NIOHTTP1
import Synchronization
import Testing

/// What GitHub and Gitea document of their status calls, on a server of ours.
@Suite struct CommitStatusTests {
    static let commit = String(repeating: "6dcb09b5", count: 5)
    static let status = CommitStatus(
        state: .success, context: "nonevent/shop", description: "live with all traffic",
        target: "http://127.0.0.1:7400/pipelines/shop-p1")

    @Test func gitHub() async throws {
        try await with({ _, _ in .text(#"{"id":1,"state":"success"}"#, status: 201) }) { client, server, _ in
            let target = try target(.github, server, "https://github.com/octo cat/Hello-World.git")
            try await client.report(Self.status, of: Self.commit, at: target, token: "ghp_token")
            let request = try #require(server.asked.first)
            #expect(server.asked.count == 1)
            #expect(request.path == "/repos/octo%20cat/Hello-World/statuses/\(Self.commit)")
            #expect(request["authorization"] == "Bearer ghp_token")
            #expect(request["accept"] == "application/vnd.github+json")
            #expect(request["x-github-api-version"] == "2022-11-28")
            #expect(request["user-agent"] == "nonevent")
            #expect(request["content-type"] == "application/json")
            let expected = """
                {"context":"nonevent/shop","description":"live with all traffic","state":"success",\
                "target_url":"http://127.0.0.1:7400/pipelines/shop-p1"}
                """
            #expect(request.body == expected)
        }
    }

    @Test func gitea() async throws {
        try await with({ _, _ in .text(#"{"id":1,"status":"pending"}"#, status: 201) }) { client, server, _ in
            let target = try target(.gitea, server, "git@gitea.example:team/shop.git")
            let long = CommitStatus(
                state: .pending, context: "nonevent/shop", description: String(repeating: "ü", count: 200))
            try await client.report(long, of: Self.commit, at: target, token: "token")
            let request = try #require(server.asked.first)
            #expect(request.path == "/repos/team/shop/statuses/\(Self.commit)")
            #expect(request["authorization"] == "token token")
            #expect(!request.body.contains("target_url"))
            #expect(request.body.count { $0 == "ü" } == 140)
        }
    }

    @Test func basesAreFoundByTheRepository() throws {
        func base(_ forge: CommitStatusTarget.Forge, _ text: String) throws -> String? {
            CommitStatusTarget(forge: forge, repository: try #require(GitURL(text)))?.base
        }
        #expect(try base(.github, "git@github.com:a/b.git") == "https://api.github.com")
        #expect(try base(.github, "https://git.example.org/a/b") == "https://git.example.org/api/v3")
        #expect(try base(.gitea, "ssh://git@git.example.org:22/a/b.git") == "https://git.example.org/api/v1")
        #expect(try base(.gitea, "https://git.example.org/a/b/c") == nil)
        #expect(try base(.github, "/srv/git/a.git") == nil)
    }

    @Test func whatMayPassIsTriedAgain() async throws {
        try await with({ _, number in
            switch number {
            case 1: .text("busy", status: 502)
            case 2: .text("slow down", status: 429, headers: [("retry-after", "7")])
            default: .text("{}", status: 201)
            }
        }) { client, server, pauses in
            let target = try target(.github, server, "https://github.com/a/b")
            try await client.report(Self.status, of: Self.commit, at: target, token: "t")
            #expect(server.asked.count == 3)
            #expect(pauses.withLock { $0 } == [.seconds(1), .seconds(7)])
        }
        try await with({ _, _ in .text("broken", status: 500) }) { client, server, _ in
            let target = try target(.github, server, "https://github.com/a/b")
            let error = await driverError {
                try await client.report(Self.status, of: Self.commit, at: target, token: "secret-token")
            }
            #expect(server.asked.count == 3)
            #expect(error?.code == .unreachable && error?.message.contains("it answers 500") == true)
            #expect(error?.message.contains("secret-token") == false)
        }
    }

    @Test(arguments: [
        (401, "the token is wrong"), (403, "may not set"), (404, "unknown there"), (422, "does not know"),
        (302, "address"),
    ])
    func aRefusalIsNotTriedAgain(_ status: Int, _ words: String) async throws {
        try await with({ _, _ in
            .text(#"{"message":"no"}"#, status: status, headers: [("location", "http://127.0.0.1:1/")])
        }) { client, server, _ in
            let target = try target(.gitea, server, "https://gitea.example/a/b")
            let error = await driverError {
                try await client.report(Self.status, of: Self.commit, at: target, token: "t")
            }
            #expect(server.asked.count == 1)
            #expect(error?.code == .refused && error?.message.contains(words) == true, "\(error?.message ?? "")")
        }
    }

    @Test func aForgeThatHangsIsGivenUp() async throws {
        var limits = CommitStatusClient.Limits()
        limits.time = .milliseconds(200)
        limits.tries = 2
        try await with({ _, _ in .silence }, limits: limits) { client, server, _ in
            let target = try target(.github, server, "https://github.com/a/b")
            let error = await driverError {
                try await client.report(Self.status, of: Self.commit, at: target, token: "t")
            }
            #expect(error?.code == .unreachable && error?.message.contains("in 2 tries") == true)
        }
    }

    @Test(arguments: ["", "two words", "line\nend"]) func aTokenThatNoHeaderTakesIsRefused(_ token: String) async throws
    {
        try await with({ _, _ in .text("{}", status: 201) }) { client, server, _ in
            let target = try target(.github, server, "https://github.com/a/b")
            let error = await driverError {
                try await client.report(Self.status, of: Self.commit, at: target, token: token)
            }
            #expect(error?.code == .refused && server.asked.isEmpty)
        }
    }

    private func target(
        _ forge: CommitStatusTarget.Forge, _ server: MetricsServer, _ repository: String
    ) throws -> CommitStatusTarget {
        // A path with a space stands only for what has to be escaped.
        let url = try #require(GitURL(repository.replacingOccurrences(of: " ", with: "_")))
        var target = try #require(
            CommitStatusTarget(forge: forge, repository: url, base: "http://127.0.0.1:\(server.port)/"))
        target.owner = target.owner.replacingOccurrences(of: "_", with: " ")
        return target
    }

    private func with(
        _ answer: @escaping @Sendable (MetricsServer.Request, Int) -> MetricsServer.Answer,
        limits: CommitStatusClient.Limits = .init(),
        _ body: (CommitStatusClient, MetricsServer, Pauses) async throws -> Void
    ) async throws {
        let pauses = Pauses()
        let client = HTTPClient(
            eventLoopGroupProvider: .singleton,
            configuration: HTTPClient.Configuration(redirectConfiguration: .disallow))
        let server = try await MetricsServer.start(answer)
        var failure: (any Error)?
        do {
            let status = CommitStatusClient(client: client, limits: limits) { pause in
                pauses.all.withLock { $0.append(pause) }
            }
            try await body(status, server, pauses)
        } catch {
            failure = error
        }
        await server.stop()
        try await client.shutdown()
        if let failure { throw failure }
    }

    /// How long was waited, without waiting.
    final class Pauses: Sendable {
        let all = Mutex<[Duration]>([])
        func withLock(_ body: ([Duration]) -> [Duration]) -> [Duration] { all.withLock { body($0) } }
    }
}
