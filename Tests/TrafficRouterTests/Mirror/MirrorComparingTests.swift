import DeliveryModel
import NIOConcurrencyHelpers
import NIOCore
import Testing

@testable import TrafficRouter

/// Answers to copies, compared over real sockets.
@Suite(.timeLimit(.minutes(3)))
struct MirrorComparingTests {
    private static func mirror(_ change: (inout MirrorComparison) -> Void = { _ in }) throws -> TrafficMirror {
        try MirrorStage.mirror {
            var compare = MirrorComparison(noiseShareBasisPoints: .all)
            change(&compare)
            $0.compare = compare
            $0.maxQueued = 1_000
        }
    }

    /// Every answer has another time in it.
    private static func body(_ text: String) -> MirrorInstance.Behaviour {
        let time = NIOLockedValueBox(0)
        return { _ in
            let now = time.withLockedValue { time in
                time += 1
                return time
            }
            return .answer(text.replacing("TIME", with: "\(now)"))
        }
    }

    private func ask(_ stage: MirrorStage, _ count: UInt64 = 40) async throws -> MirrorReport {
        for _ in 0..<count { _ = try await stage.client.get("/") }
        return try await stage.report("\(count) comparisons") { $0.compared == count }
    }

    @Test func everyKindOfDifferenceIsFoundAndNoNoise() async throws {
        try await withMirror(
            try Self.mirror(),
            baseline: Self.body(
                #"{"at":TIME,"price":7,"gone":1,"sum":"12","tags":["a","b"],"same":{"x":[1,{"y":2}]}}"#),
            dark: Self.body(
                #"{"same":{"x":[1,{"y":2}]},"at":-TIME,"price":8,"new":null,"sum":12,"tags":["b","a"]}"#)
        ) { stage in
            let report = try await ask(stage)
            #expect(report.differing == 40 && report.equal == 0 && report.noiseCompared == 40)
            #expect(report.isDifferent)
            #expect(
                report.differences.filter(\.isAboveNoise).map { "\($0.part) \($0.kind) \($0.path)" } == [
                    "json missing /gone", "json extra /new", "json value /price", "json type /sum", "json order /tags",
                ])
            let time = try #require(report.differences.first { $0.path == "/at" })
            #expect(!time.isAboveNoise && time.candidate == 40 && time.noise == 40)
            let price = try #require(report.differences.first { $0.path == "/price" })
            #expect(price.examples == [.init(baseline: "7", candidate: "8")] && price.noise == 0)
        }
    }

    @Test func equalAnswersAreEqual() async throws {
        try await withMirror(
            try Self.mirror { $0.ignore = ["/at"] }, baseline: Self.body(#"{"at":TIME,"n":1.0}"#),
            dark: Self.body(#"{"n":1,"at":"TIME"}"#)
        ) { stage in
            let report = try await ask(stage, 10)
            #expect(report.equal == 10 && report.differing == 0 && report.differences.isEmpty)
            #expect(try await stage.counters().equal == 10)
        }
    }

    @Test func statusAndHeadersAreCompared() async throws {
        let fields = [("content-type", "application/json"), ("cache-control", "no-store"), ("date", "now")]
        try await withMirror(
            try Self.mirror { $0.headers = ["Cache-Control"] }, baseline: { _ in .answer("{}", fields: fields) },
            dark: { _ in .answer("[]", status: 404, fields: [("date", "then")]) }
        ) { stage in
            let report = try await ask(stage, 20)
            #expect(
                report.differences.map { "\($0.part) \($0.kind) \($0.path)" } == [
                    "status value ", "header missing cache-control",
                ])
            #expect(report.differences.allSatisfy { $0.isAboveNoise && $0.candidate == 20 })
            #expect(report.bodiesCompared == 0)
        }
    }

    @Test func onlySafeRequestsAreRepeated() async throws {
        var mirror = try Self.mirror()
        mirror.methods.append("POST")
        try await withMirror(mirror) { stage in
            for _ in 0..<5 { #expect(try await stage.post("/", "x").status == 200) }
            try await stage.report("5 comparisons") { $0.compared == 5 }
            // People's own and no more: what changes something must not reach their data twice.
            #expect(stage.baseline.requests.count == 5 && stage.dark.requests.count == 5)
            #expect(try await stage.report().noiseCompared == 0)
        }
    }

    @Test func chunkedAnswersAreRead() async throws {
        try await withMirror(
            try Self.mirror(), baseline: { _ in .chunks([#"{"a":"#, "[1,", "2]}"]) },
            dark: { _ in .chunks([#"{"a":["#, "1", ",3]}"]) }
        ) { stage in
            #expect(try await stage.client.get("/").text == #"{"a":[1,2]}"#)
            let report = try await stage.report("a comparison") { $0.compared == 1 }
            #expect(report.bodiesCompared == 1 && report.differences.map(\.path) == ["/a/*"])
        }
    }

    @Test func longStreamsPassUntouched() async throws {
        let pieces = (0..<200).map { "\"\($0)" + String(repeating: "x", count: 20_000) + "\"\n" }
        try await withMirror(
            try Self.mirror { $0.maxBodyBytes = 10_000 }, baseline: { _ in .chunks(pieces) },
            dark: { _ in .chunks(pieces.reversed()) }
        ) { stage in
            #expect(try await stage.client.get("/").text == pieces.joined())
            let report = try await stage.report("a comparison") { $0.compared == 1 }
            #expect(report.bodiesCompared == 0 && report.equal == 0 && report.differing == 0)
            #expect(report.limits["bodyBytes"] == 2, "once for the copy, once for the second answer")
            try await stage.router.quiet("b")
        }
    }

    @Test func theAdminSocketTellsOfAllLoops() async throws {
        try await withDirectory { directory in
            let (old, new) = (
                try await MirrorInstance.start { _ in .answer("{\"a\":1}") },
                try await MirrorInstance.start { _ in .answer("{\"a\":2}") }
            )
            let table = try MirrorStage.table(baseline: old, dark: new, mirror: try Self.mirror())
            try await withRouter(table, admin: directory + "/s", workers: 2) { router in
                for _ in 0..<8 {
                    let client = try await TestClient.connect(port: router.trafficPort)
                    _ = try await client.get("/")
                    await client.close()
                }
                let admin = try await TestClient.connect(unix: directory + "/s")
                try await eventually("8 comparisons") {
                    await router.mirrorReports().mirrors.first?.compared == 8
                }
                let reports = try JSONText.decode(MirrorReports.self, from: try await admin.get("/mirrors").body)
                #expect(reports == (await router.mirrorReports()) && reports.mirrors.count == 1)
                #expect(reports.epoch == router.epoch && reports.mirrors[0].differences.map(\.path) == ["/a"])
                #expect(reports.mirrors[0].differences[0].candidate == 8)
                await admin.close()
            }
            await old.stop()
            await new.stop()
        }
    }
}
