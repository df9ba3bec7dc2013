import DeliveryModel
import Testing

@testable import TrafficRouter

@Suite struct AccessLogSamplingTests {
    static func takes(_ sampling: AccessLogSampling, _ id: String = "", counter: UInt64 = 1, status: Int = 200) -> Bool
    {
        sampling.takes(requestID: id.utf8.span, counter: counter, status: status)
    }

    @Test(arguments: [0, 10, 500, 5_000, 10_000]) func sharesHoldWithinThreeSigma(_ basisPoints: Int) {
        let sampling = AccessLogSampling(share: Share(clamping: basisPoints))
        let count = 50_000
        let share = Double(basisPoints) / 10_000
        let bound = 3 * (Double(count) * share * (1 - share)).squareRoot()
        let byID = (0..<count).count { Self.takes(sampling, "request-\($0)") }
        #expect(abs(Double(byID) - Double(count) * share) <= bound)
        let byCount = (0..<count).count { Self.takes(sampling, counter: UInt64($0)) }
        #expect(abs(Double(byCount) - Double(count) * share) <= bound)
    }

    @Test func aRequestIsTakenEverywhereOrNowhere() {
        let sampling = AccessLogSampling(share: Share(clamping: 3_000), seed: 9)
        for id in 0..<200 {
            let id = "request-\(id)"
            let first = Self.takes(sampling, id, counter: 1)
            #expect(Self.takes(sampling, id, counter: 2, status: 404) == first)
        }
    }

    @Test func aGrowingShareKeepsWhatItTook() {
        let (small, large) = (
            AccessLogSampling(share: Share(clamping: 100)), AccessLogSampling(share: Share(clamping: 900))
        )
        for id in 0..<5_000 where Self.takes(small, "\(id)") {
            #expect(Self.takes(large, "\(id)"))
        }
    }

    @Test func errorsAreAlwaysTakenUnlessToldOtherwise() {
        var sampling = AccessLogSampling(share: .none)
        for status in [500, 503, 599, 0] { #expect(Self.takes(sampling, status: status)) }
        for status in [200, 404, 499] { #expect(!Self.takes(sampling, status: status)) }
        sampling.alwaysErrors = false
        #expect(!Self.takes(sampling, status: 500))
    }
}
