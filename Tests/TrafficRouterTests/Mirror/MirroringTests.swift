import DeliveryModel
import NIOCore
import Testing

@testable import TrafficRouter

/// Copies of requests over real sockets: what is copied, and that nobody notices.
@Suite(.timeLimit(.minutes(3)))
struct MirroringTests {
    @Test func aCopyIsTheSameRequest() async throws {
        try await withMirror(try MirrorStage.mirror { $0.methods.append("POST") }) { stage in
            let response = try await stage.post(
                "/carts?id=7", "two eggs", ["Cookie: a=b", "Connection: x-own", "X-Own: 1"])
            #expect(response.status == 200 && response["set-cookie"] == nil)
            try await eventually("the copy") { stage.dark.requests.count == 1 }
            let (real, copy) = (try #require(stage.baseline.requests.first), try #require(stage.dark.requests.first))
            #expect(copy.method == "POST" && copy.target == "/carts?id=7" && copy.body == "two eggs")
            #expect(real["x-nonevent-mirror"] == [] && copy["x-nonevent-mirror"] == ["1"])
            #expect(copy["x-request-id"] == [response["x-request-id"] ?? ""])
            #expect(copy["x-own"] == [] && copy["connection"] == [] && copy["cookie"] == ["a=b"])
            let rest = copy.fields.filter { $0.name != "x-nonevent-mirror" }
            #expect(rest.map(\.name) == real.fields.map(\.name) && rest.map(\.value) == real.fields.map(\.value))
        }
    }

    @Test func aCopyIsNotCopiedAgain() async throws {
        try await withMirror { stage in
            _ = try await stage.client.get("/copy", headers: ["X-Nonevent-Mirror: 1"])
            _ = try await stage.client.get("/last")
            try await eventually("the copy") { stage.dark.requests.count == 1 }
            #expect(stage.dark.requests.map(\.target) == ["/last"])
            // What the router says of requests nobody else can say.
            #expect(stage.baseline.requests.allSatisfy { $0["x-nonevent-mirror"] == [] })
        }
    }

    @Test func chunkedBodiesAndOtherMethodsAreCopiedToo() async throws {
        try await withMirror { stage in
            try await stage.client.send(
                "GET /c HTTP/1.1\r\nHost: t\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n")
            #expect(try await stage.client.response().text == "{}")
            try await stage.client.send("HEAD /h HTTP/1.1\r\nHost: t\r\n\r\n")
            #expect(try await stage.client.response(isHead: true).status == 200)
            try await eventually("the copies") { stage.dark.requests.count == 2 }
            #expect(stage.dark.requests.map(\.body) == ["abcde", ""])
            #expect(stage.dark.requests.map(\.method) == ["GET", "HEAD"])
        }
    }

    @Test func whatChangesSomethingIsNotCopied() async throws {
        try await withMirror { stage in
            #expect(try await stage.post("/", "x").status == 200)
            #expect(try await stage.client.get("/last").status == 200)
            try await eventually("the copy") { stage.dark.requests.count == 1 }
            #expect(stage.dark.requests.map(\.target) == ["/last"])
            #expect(try await stage.report().dropped == ["method": 1])
            #expect(try await stage.counters().dropped == ["method": 1])
        }
    }

    @Test func longBodiesAreNotCopied() async throws {
        let mirror = try MirrorStage.mirror {
            $0.methods.append("POST")
            $0.maxBodyBytes = 10
        }
        try await withMirror(mirror) { stage in
            #expect(try await stage.post("/announced", "12345678901").status == 200)
            try await stage.client.send(
                "POST /found HTTP/1.1\r\nHost: t\r\nTransfer-Encoding: chunked\r\n\r\nb\r\n12345678901\r\n0\r\n\r\n")
            #expect(try await stage.client.response().status == 200)
            #expect(try await stage.post("/short", "1234567890").status == 200)
            try await eventually("the copy") { stage.dark.requests.count == 1 }
            #expect(stage.dark.requests.first?.body == "1234567890")
            #expect(try await stage.report().dropped == ["bodyTooLarge": 2])
        }
    }

    @Test func noCopyCountsForAnybody() async throws {
        let mirror = try MirrorStage.mirror {
            $0.compare = MirrorComparison(noiseShareBasisPoints: .all)
        }
        try await withMirror(mirror, dark: { _ in .answer("{}", status: 500) }) { stage in
            for _ in 0..<20 { #expect(try await stage.client.get("/").status == 200) }
            try await stage.report("20 comparisons") { $0.compared == 20 && $0.noiseCompared == 20 }
            #expect(stage.baseline.requests.count == 40 && stage.dark.requests.count == 20)
            try await stage.router.quiet("b")
            let (real, dark) = (try await stage.router.counts("a"), try await stage.router.counts("b"))
            #expect(real.requests == 20 && real.bad == 0 && real.instances["a"]?.requests == 20)
            #expect(dark.requests == 0 && dark.bad == 0 && dark.instances["b"]?.requests == 0)
            #expect(await stage.router.measures().unmatched == 0)
        }
    }

    @Test func aTenthIsATenth() async throws {
        let mirror = try MirrorStage.mirror {
            $0.shareBasisPoints = Share(clamping: 1_000)
            $0.maxQueued = 1_000
        }
        try await withMirror(mirror, workers: 2) { stage in
            for _ in 0..<2_000 { _ = try await stage.client.get("/") }
            let report = try await stage.report("all copies answered") {
                $0.mirrored > 0 && $0.mirrored == $0.latency.values.reduce(0, +)
            }
            // Five standard deviations of a binomial distribution: 5 * sqrt(2000 * 0.1 * 0.9).
            #expect(abs(Int(report.mirrored) - 200) <= 67, "\(report.mirrored)")
            #expect(report.dropped == [:] && stage.dark.requests.count == Int(report.mirrored))
        }
    }

    @Test func upgradesAreNotCopied() async throws {
        try await withMirror { stage in
            let response = try await stage.client.get("/", headers: ["Connection: upgrade", "Upgrade: websocket"])
            #expect(response.status == 200)
            #expect(try await stage.report().dropped == ["upgrade": 1])
            #expect(stage.dark.requests.isEmpty)
        }
    }

    @Test func whoNamesAReleaseIsNotMirrored() async throws {
        try await withMirror { stage in
            let response = try await stage.client.get("/preview", headers: ["x-nonevent-release: bbbb"])
            #expect(response.status == 200 && stage.dark.requests.count == 1)
            _ = try await stage.client.get("/", headers: ["x-nonevent-release: aaaa"])
            _ = try await stage.client.get("/last")
            try await eventually("the copy") { stage.dark.requests.count == 2 }
            #expect(Set(stage.dark.requests.map(\.target)) == ["/preview", "/last"])
        }
    }

    @Test func clientsOverHTTP2AreMirroredToo() async throws {
        let (old, new) = (
            try await MirrorInstance.start { _ in .answer("old") },
            try await MirrorInstance.start { _ in .answer("new") }
        )
        let table = try MirrorStage.table(
            2, baseline: old, dark: new,
            mirror: try MirrorStage.mirror { $0.compare = MirrorComparison(headers: ["x-none"]) })
        try await withEntrance { entrance in
            _ = try await entrance.worker.submit { $0.install(table) }.get()
            let client = try await FrameClient.open(entrance.port)
            for stream in [1, 3, 5] as [UInt32] {
                try await client.send(ConformanceTests.headers(stream, Block.request("GET", "/stream/\(stream)")))
                #expect(try await client.body(stream) == Array("old".utf8))
            }
            try await eventually("three comparisons") {
                try await entrance.worker.submit { $0.mirrors.reports.first?.compared }.get() == 3
            }
            // Copies have connections of their own, and so may overtake one another.
            #expect(new.requests.map(\.target).sorted() == ["/stream/1", "/stream/3", "/stream/5"])
            let report = try await entrance.worker.submit { $0.mirrors.reports.first?.summary() }.get()
            #expect(report?.differing == 3 && report?.differences.map(\.part) == ["bytes"])
            await client.close()
        }
        await old.stop()
        await new.stop()
    }
}
