import Testing

@testable import DeliverySimulation

@Suite struct PeerTests {
    /// Minutes of 1,000 requests each with so many bad ones; the control fails 1 in a 1,000.
    private static func series(_ bad: [Double], control: [Double]? = nil) -> MetricSeries {
        MetricSeries(
            points: bad.enumerated().map { index, bad in
                var point = MetricPoint()
                point.candidate = MetricPoint.Arm(requests: 1_000, bad: bad)
                point.control = MetricPoint.Arm(requests: 1_000, bad: control?[index] ?? 1)
                return point
            })
    }

    @Test func flaggerUndoesAtTheFifthFailedCheck() {
        let outcome = FlaggerPeer().judge(Self.series([11, 10, 11, 11, 11, 11, 0, 0]))
        #expect(outcome.ending == .undone)
        #expect(outcome.seconds == 360)
        #expect(outcome.candidateBad == 65)
        #expect(outcome.badInAll == 65 + 11 / 30.0)
    }

    @Test func flaggerPromotesAfterFiveGoodChecks() {
        let outcome = FlaggerPeer().judge(Self.series([11, 11, 11, 11, 0, 0, 10, 0, 0, 11]))
        #expect(outcome.ending == .promoted)
        #expect(outcome.seconds == 540)
    }

    @Test func flaggerCountsSilenceAndSlownessAsFailed() {
        var silent = MetricPoint()
        silent.candidate = MetricPoint.Arm()
        #expect(FlaggerPeer().judge(MetricSeries(points: Array(repeating: silent, count: 5))).ending == .undone)
        var slow = MetricPoint()
        slow.candidate = MetricPoint.Arm(requests: 100)
        slow.candidate.slowest1Percent = 0.501
        #expect(FlaggerPeer().judge(MetricSeries(points: Array(repeating: slow, count: 5))).ending == .undone)
        slow.candidate.slowest1Percent = 0.5
        #expect(FlaggerPeer().judge(MetricSeries(points: Array(repeating: slow, count: 5))).ending == .promoted)
    }

    @Test func argoAbortsWhenTheLimitIsExceeded() {
        // Five minutes with 5,000 requests: 251 bad ones are too many, 250 are not.
        let failing = [51.0, 50, 50, 50, 50]
        let passing = [50.0, 50, 50, 50, 50]
        let outcome = ArgoPeer().judge(Self.series(failing + passing + failing + failing + failing))
        #expect(outcome.ending == .undone)
        #expect(outcome.seconds == 1500)
        let spared = ArgoPeer().judge(Self.series(failing + passing + failing + failing + passing))
        #expect(spared.ending == .promoted)
    }

    @Test func argoTakesSilenceForAFailure() {
        let silent = MetricSeries(points: Array(repeating: MetricPoint(), count: 20))
        #expect(ArgoPeer().judge(silent).ending == .undone)
    }

    @Test func kayentaUndoesAtTheFirstLookWithEveryMinuteWorse() {
        // U = 100 of 100: (50 - 0.5) / sqrt(100 / 12 * 21) = 3.74 against 2.33; only the errors' group has data.
        let outcome = KayentaPeer().judge(
            Self.series((0..<60).map { Double(20 + $0 % 10) }, control: (0..<60).map { Double(1 + $0 % 10) }))
        #expect(outcome.ending == .undone)
        #expect(outcome.seconds == 600)
    }

    @Test func kayentaPassesWhatIsTheSame() {
        let numbers = (0..<60).map { Double(1 + $0 % 7) }
        #expect(KayentaPeer().judge(Self.series(numbers, control: numbers)).ending == .promoted)
    }

    @Test func kayentaScoresGroupsByWeight() {
        var points = Self.series((0..<10).map { Double(20 + $0) }, control: (0..<10).map { Double(1 + $0) }).points
        for index in points.indices {
            (points[index].candidate.median, points[index].control.median) = (0.05, 0.05)
            (points[index].candidate.memory, points[index].control.memory) = (500, 500)
        }
        // Errors fail with 34 of 100.
        #expect(abs(KayentaPeer().score(points[...], z: Normal.quantile(0.99)) - 66) < 1e-9)
    }

    @Test func rankSumIsThatOfTheBooks() throws {
        // Nothing of x above y: U = 0, mean 4.5, variance 9 * 7 / 12.
        let apart = try #require(RankSum([1, 2, 3], [4, 5, 6]))
        #expect(abs(apart.statistic(shift: 0, isCorrected: true) + 4 / 5.25.squareRoot()) < 1e-12)
        // Differences 7 8 9 17 18 19 27 28 29: the middle one is Hodges and Lehmann's.
        let spread = try #require(RankSum([10, 20, 30], [1, 2, 3]))
        #expect(abs(spread.estimate - 18) < 1e-6)
        // All tied: no variance, no evidence.
        #expect(try #require(RankSum([5, 5], [5, 5])).statistic(shift: 0, isCorrected: true) == 0)
        #expect(RankSum([], [1]) == nil)
    }

    @Test func searchKeepsWhatSeldomErrs() {
        var search = PeerSearch(
            [
                FlaggerPeer(successMinimum: 99, durationMaximum: 500, threshold: 1),
                FlaggerPeer(successMinimum: 99, durationMaximum: 500, threshold: 2),
                FlaggerPeer(successMinimum: 99, durationMaximum: 500, threshold: 3),
            ], kinds: 2)
        for index in 0..<100 {
            search.add([index < 1, index < 1, false], kind: 0)
            search.add([index < 2, index < 1, false], kind: 1)
        }
        #expect(search.admissible.map(\.threshold) == [2, 3])
        #expect(search.tightest { [Double($0.threshold)] }?.threshold == 2)
    }
}
