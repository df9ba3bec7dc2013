import Foundation
import Testing

extension EndToEnd {
    @Suite(.serialized) struct APITests {
        private struct Problem: Decodable {
            var code: String
            var status: Int
            var detail: String
            var type: String
        }

        private func problem(_ reply: Reply) throws -> Problem {
            #expect(reply.headers["content-type"]?.hasPrefix("application/problem+json") == true, "\(reply)")
            let problem = try JSONDecoder().decode(Problem.self, from: reply.body)
            #expect(problem.status == reply.status)
            return problem
        }

        @Test func tokensAreAskedFor() throws {
            try World.with { world in
                for path in ["/healthz", "/readyz", "/metrics", "/api/v1/openapi.json"] {
                    #expect(try world.api("GET", path, token: .some(nil)).status == 200, "\(path)")
                }
                for token: String? in [nil, "", "wrong", String(repeating: "x", count: 4000)] {
                    let reply = try world.api("GET", "/api/v1/services", token: .some(token))
                    #expect(reply.status == 401, "\(token ?? "none")")
                    _ = try problem(reply)
                }
                let reading = world.file("token.read")
                #expect(try world.api("GET", "/api/v1/services", token: reading).status == 200)
                let write = try world.api("POST", "/api/v1/services/shop/undo", token: reading, body: Data("{}".utf8))
                #expect(write.status == 403)
                _ = try problem(write)
                for name in ["token", "token.read"] {
                    let mode = try FileManager.default.attributesOfItem(atPath: world.data + "/" + name)[
                        .posixPermissions]
                    #expect(mode as? Int == 0o600, "\(name)")
                }
                let denied = try world.run(
                    "status", with: ["NONEVENT_URL": world.file("url"), "NONEVENT_TOKEN": "wrong"])
                #expect(denied.code == 77, "\(denied)")
                let gone = try world.run("status", with: ["NONEVENT_URL": "http://127.0.0.1:1", "NONEVENT_TOKEN": "x"])
                #expect(gone.code == 69, "\(gone)")
            }
        }

        @Test func bodiesAreLimitedAndChecked() throws {
            try World.with { world in
                let path = "/api/v1/services/shop/deploys"
                for text in ["", "{", "[]", #"{"release": 7}"#, #"{"release": "sha256:12"}"#, "\u{0}"] {
                    let reply = try world.api("POST", path, body: Data(text.utf8))
                    #expect(reply.status == 400, "\(text): \(reply.status) \(reply.text)")
                    _ = try problem(reply)
                }
                let large = try world.api("POST", path, body: Data(repeating: 32, count: (1 << 20) + 1))
                #expect(large.status == 413, "\(large.status) \(large.text)")
                let missing = "sha256:" + String(repeating: "a", count: 64)
                let unknown = try world.api("POST", path, body: Data(#"{"release": "\#(missing)"}"#.utf8))
                #expect((400..<500).contains(unknown.status), "\(unknown.status) \(unknown.text)")
                let wrong = try world.api("PUT", "/api/v1/blobs/\(missing)", body: Data("other".utf8))
                #expect((400..<500).contains(wrong.status), "\(wrong.status) \(wrong.text)")
                #expect(try world.api("HEAD", "/api/v1/blobs/\(missing)").status == 404)
                #expect(try world.api("PUT", "/api/v1/blobs/sha256:..%2f..%2fx", body: Data("x".utf8)).status == 400)
                #expect(try world.api("GET", "/api/v1/nowhere").status == 404)
                #expect(try world.api("GET", "/api/v1/services/%2e%2e").status >= 400)
                #expect(try world.api("GET", "/api/v1/journal?limit=many").status == 400)
                #expect(try world.journal().isEmpty)
                #expect(world.isReady)
            }
        }

        @Test func theOpenAPIDocumentListsWhatAnswers() throws {
            try World.with { world in
                struct Document: Decodable {
                    struct Anything: Decodable {}
                    var openapi: String
                    var paths: [String: [String: Anything]]
                }
                let document = try world.json(Document.self, "/api/v1/openapi.json")
                #expect(document.openapi.hasPrefix("3.1"))
                let expected = [
                    "get /healthz", "get /readyz", "get /metrics", "get /api/v1/openapi.json", "head /api/v1/blobs/{}",
                    "put /api/v1/blobs/{}", "post /api/v1/services/{}/deploys", "get /api/v1/services",
                    "get /api/v1/services/{}", "post /api/v1/services/{}/undo", "post /api/v1/services/{}/redo",
                    "post /api/v1/services/{}/rollout/pause", "post /api/v1/services/{}/rollout/resume",
                    "post /api/v1/services/{}/rollout/promote", "post /api/v1/services/{}/rollout/abort",
                    "post /api/v1/services/{}/drill", "get /api/v1/services/{}/releases",
                    "get /api/v1/services/{}/history", "get /api/v1/services/{}/ticks", "get /api/v1/services/{}/logs",
                    "get /api/v1/services/{}/forecast", "get /api/v1/prometheus/targets", "get /api/v1/journal",
                    "get /api/v1/journal/verify", "get /api/v1/events", "get /api/v1/repositories",
                    "post /api/v1/repositories", "delete /api/v1/repositories/{}",
                    "post /api/v1/repositories/{}/trigger", "post /api/v1/webhooks/{}/{}", "get /api/v1/pipelines",
                    "get /api/v1/pipelines/{}", "get /api/v1/pipelines/{}/logs", "post /api/v1/pipelines/{}/cancel",
                    "post /api/v1/pipelines/{}/again", "post /api/v1/pipelines/{}/deploy",
                    "get /api/v1/services/{}/pipeline/stats", "get /api/v1/queue",
                    "post /api/v1/queue/{}/move", "post /api/v1/queue/{}/drop", "post /api/v1/holds",
                    "post /api/v1/holds/release",
                ]
                let verbs: Set<String> = ["get", "put", "post", "head", "delete", "patch"]
                var listed: Set<String> = []
                for (path, operations) in document.paths {
                    let plain = path.replacing(/\{[^}]*\}/, with: "{}")
                    for verb in operations.keys where verbs.contains(verb) { listed.insert("\(verb) \(plain)") }
                }
                #expect(listed.isSuperset(of: expected), "missing: \(Set(expected).subtracting(listed).sorted())")
                for entry in listed where entry != "get /api/v1/events" {
                    let parts = entry.split(separator: " ")
                    let reply = try world.api(
                        parts[0].uppercased(), String(parts[1]).replacing("{}", with: "x"), token: .some(nil))
                    // Signed instead: unknown senders are told that they are.
                    if parts[1].contains("/webhooks/") {
                        #expect(reply.status == 404, "\(entry) answered \(reply.status)")
                        continue
                    }
                    let isOpen = ["/healthz", "/readyz", "/metrics", "/api/v1/openapi.json"].contains(String(parts[1]))
                    #expect(reply.status == (isOpen ? 200 : 401), "\(entry) answered \(reply.status)")
                }
            }
        }

        @Test func eventsResumeAfterTheLastOneSeen() throws {
            try World.with { world in
                try world.deploy(Behaviour(version: "one"))
                let all = try world.journal()
                let middle = all[all.count / 2].sequence
                let stream = try Connection(port: try #require(world.controlPort))
                try stream.send(
                    "GET", "/api/v1/events?service=shop",
                    headers: ["authorization": "Bearer \(world.file("token"))", "last-event-id": "\(middle)"])
                #expect(try stream.head().headers["content-type"]?.hasPrefix("text/event-stream") == true)
                var ids: [Int] = []
                while ids.last != all.last?.sequence {
                    let line = try stream.line()
                    if line.hasPrefix("id:") {
                        ids.append(Int(line.dropFirst(3).trimmingCharacters(in: .whitespaces)) ?? -1)
                    }
                }
                #expect(ids == all.map(\.sequence).filter { $0 > middle })
            }
        }

        @Test func theSameKeyGivesTheSameAnswer() throws {
            try World.with { world in
                try world.deploy(Behaviour(version: "one"))
                try world.deploy(Behaviour(version: "two"))
                let key = ["idempotency-key": "abc-1"]
                let body = Data("{}".utf8)
                let first = try world.api("POST", "/api/v1/services/shop/undo", headers: key, body: body)
                #expect(first.status == 200)
                #expect(try world.run("redo", "shop").code == 0)
                let again = try world.api("POST", "/api/v1/services/shop/undo", headers: key, body: body)
                #expect(again.body == first.body)
                #expect(world.version() == "two", "the second one did nothing")
                let other = try world.api(
                    "POST", "/api/v1/services/shop/undo", headers: key, body: Data(#"{"to": "x"}"#.utf8))
                #expect(other.status == 422, "\(other.status)")
            }
        }

        @Test func everyReadingCommandSpeaksJSON() throws {
            try World.with { world in
                try world.deploy(Behaviour(version: "one"))
                for words in [
                    ["status"], ["status", "shop"], ["releases", "shop"], ["history", "shop"], ["journal"],
                    ["logs", "shop"], ["journal", "--verify"], ["validate"], ["queue"], ["hold"],
                    ["pipeline", "repositories", "list"],
                ] {
                    let process = try world.start(words + ["--json"])
                    #expect(process.wait(within: .seconds(20)) == 0, "\(words): \(process.errors)")
                    let lines = process.output.split(separator: "\n")
                    #expect(!lines.isEmpty, "\(words)")
                    for line in lines {
                        #expect(throws: Never.self, "\(words): \(line)") {
                            _ = try JSONSerialization.jsonObject(with: Data(line.utf8))
                        }
                    }
                }
            }
        }
    }
}
