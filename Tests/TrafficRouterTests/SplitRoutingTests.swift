import DeliveryModel
import Testing

@testable import TrafficRouter

/// Who gets which release, seen from outside.
@Suite(.timeLimit(.minutes(2)))
struct SplitRoutingTests {
    @Test func peopleStayWithTheirRelease() async throws {
        let (old, new) = (try await TestInstance.start("old"), try await TestInstance.start("new"))
        let table = try Sample.table([
            try Sample.release("a", share: 5_000, [old]), try Sample.release("b", share: 5_000, salt: "s", [new]),
        ])
        try await withRouter(table) { router in
            var seen: [String: Int] = [:]
            for _ in 0..<60 {
                let client = try await TestClient.connect(port: router.trafficPort)
                let first = try await client.get("/")
                let key = try #require(first.key)
                // Who saw the candidate is remembered, so that they stay with it whatever its share becomes.
                #expect(key.dropFirst(32) == (first.text == "new" ? ".bbbbbbbbbbbb" : ""))
                #expect(key.prefix(32).allSatisfy { $0.isHexDigit && !$0.isUppercase })
                #expect(first["set-cookie"]?.hasSuffix("; Path=/; HttpOnly; SameSite=Lax; Max-Age=2592000") == true)
                seen[first.text, default: 0] += 1
                for _ in 0..<3 {
                    let again = try await client.get("/", headers: ["Cookie: a=b; nonevent-key=\(key)"])
                    #expect(again.text == first.text && again.key == nil)
                }
                await client.close()
            }
            // Sixty fair draws all alike happen once in 10^18 runs.
            #expect(seen.keys.sorted() == ["new", "old"])
            let (a, b) = (try await router.counts("a"), try await router.counts("b"))
            #expect(a.requests + b.requests == 240)
            #expect(a.requests == UInt64((seen["old"] ?? 0) * 4))
        }
        await old.stop()
        await new.stop()
    }

    @Test func aReleaseCanBeNamed() async throws {
        let (old, new) = (try await TestInstance.start("old"), try await TestInstance.start("new"))
        let releases = [
            try Sample.release("a", share: 10_000, commit: "0ld0ld", [old]),
            try Sample.release("b", share: 0, commit: "beef1234", [new]),
        ]
        try await withRouter(try Sample.table(releases)) { router in
            let client = try await TestClient.connect(port: router.trafficPort)
            for wish in ["beef", "bbbbbb", "sha256:bbbb"] {
                #expect(try await client.get("/", headers: ["x-nonevent-release: \(wish)"]).text == "new")
                #expect(try await client.get("/", headers: ["Cookie: x-nonevent-release=\(wish)"]).text == "new")
            }
            for wish in ["cccc", "bee", ""] {
                #expect(try await client.get("/", headers: ["x-nonevent-release: \(wish)"]).status == 404)
                #expect(try await client.get("/", headers: ["Cookie: x-nonevent-release=\(wish)"]).text == "old")
            }
            try await router.quiet("b")
            #expect(try await router.counts("b").requests == 0)
            #expect(try await router.counts("a").requests == 3)
            try await router.apply(try Sample.table(2, preview: .nobody, releases))
            #expect(try await client.get("/", headers: ["x-nonevent-release: beef"]).text == "old")
            await client.close()
        }
        await old.stop()
        await new.stop()
    }

    @Test func requestsToANamedReleaseAreInFlight() async throws {
        let (old, new) = (try await TestInstance.start("old"), try await TestInstance.start("new"))
        let table = try Sample.table([
            try Sample.release("a", share: 10_000, [old]), try Sample.release("b", share: 0, [new]),
        ])
        try await withRouter(table) { router in
            let client = try await TestClient.connect(port: router.trafficPort)
            try await client.send("GET /hold HTTP/1.1\r\nHost: t\r\nx-nonevent-release: bbbb\r\n\r\n")
            try await eventually("the request under way") { try await router.counts("b").inFlight["new"] == 1 }
            await client.close()
            try await router.quiet("b")
        }
        await old.stop()
        await new.stop()
    }
}
