import DeliveryModel
import Testing

@testable import TrafficRouter

@Suite struct MirrorBudgetTests {
    static func decide(
        _ budget: inout MirrorBudget, method: String = "GET", body: UInt64? = 0, load: Int = 0
    ) -> MirrorBudget.Decision {
        budget.decide(method: method.utf8.span, bodyBytes: body, workerInFlight: load)
    }

    @Test(arguments: [0, 1, 100, 2_500, 9_999, 10_000]) func sharesHoldWithinThreeSigma(_ basisPoints: Int) {
        var budget = MirrorBudget(share: Share(clamping: basisPoints), seed: 7)
        let count = 100_000
        let hits = (0..<count).count { _ in Self.decide(&budget) == .mirror }
        let share = Double(basisPoints) / 10_000
        #expect(abs(Double(hits) - Double(count) * share) <= 3 * (Double(count) * share * (1 - share)).squareRoot())
    }

    @Test func seedsChooseDifferently() {
        let chosen = ([1, 2] as [UInt64]).map { seed in
            var budget = MirrorBudget(share: Share(clamping: 5_000), seed: seed)
            return (0..<1_000).map { _ in Self.decide(&budget) == .mirror }
        }
        #expect((400...600).contains(zip(chosen[0], chosen[1]).count { $0 == $1 }))
    }

    @Test func whatIsNotMirroredHasAReason() {
        var budget = MirrorBudget(share: .all, seed: 0)
        let limits = budget.limits
        #expect(Self.decide(&budget, method: "POST") == .drop(.method))
        #expect(Self.decide(&budget, body: limits.maxBodyBytes + 1) == .drop(.bodyTooLarge))
        #expect(Self.decide(&budget, body: limits.maxBodyBytes) == .mirror)
        #expect(Self.decide(&budget, body: nil) == .mirror)
        #expect(Self.decide(&budget, load: limits.maxWorkerInFlight) == .drop(.overload))
        var none = MirrorBudget(share: .none, seed: 0)
        #expect(Self.decide(&none, method: "POST", load: 9_999) == .notChosen)
    }

    @Test(arguments: [
        ("GET", true), ("HEAD", true), ("OPTIONS", true), ("POST", false), ("get", false), ("GETS", false), ("", false),
        ("TRACE", false), ("PUT", false),
    ]) func safeMethodsAreMirrored(_ method: String, _ isMirrored: Bool) {
        var budget = MirrorBudget(share: .all, seed: 0)
        #expect(Self.decide(&budget, method: method) == (isMirrored ? .mirror : .drop(.method)))
    }

    @Test func theTableDecides() throws {
        let comparison = MirrorComparison(
            status: false, headers: ["ETag"], json: true, ignore: ["/a", "/b/*/c"],
            noiseShareBasisPoints: Share(clamping: 5_000), maxBodyBytes: 77)
        let mirror = TrafficMirror(
            to: try MirrorSample.digest("b"), shareBasisPoints: .all, methods: ["POST"], maxBodyBytes: 10, maxQueued: 3,
            compare: comparison)
        var budget = MirrorBudget(mirror, seed: 1)
        #expect(Self.decide(&budget, method: "POST", body: 10) == .mirror)
        #expect(Self.decide(&budget, method: "POST", body: 11) == .drop(.bodyTooLarge))
        #expect(Self.decide(&budget, method: "GET") == .drop(.method))
        #expect(budget.limits.maxQueued == 3)
        var noise = MirrorBudget.noise(mirror, comparison, seed: 1)
        let hits = (0..<10_000).count { _ in Self.decide(&noise, method: "POST") == .mirror }
        #expect((4_850...5_150).contains(hits))
        let options = ComparisonOptions(comparison)
        #expect(!options.comparesStatus && options.comparesBodies && options.headers == ["etag"])
        #expect(options.ignored.count == 2 && options.maxBodyBytes == 77)
    }
}
