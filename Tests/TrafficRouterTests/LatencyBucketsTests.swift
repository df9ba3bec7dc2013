import Testing

@testable import TrafficRouter

struct LatencyBucketsTests {
    @Test(arguments: [(1_000_000_000, 0), (1_024_999_999, 1), (1_025_000_001, 2), (999_999_999, 0), (975_000_000, -1)])
    func latencyBuckets(nanoseconds: Int64, bucket: Int) {
        #expect(LatencyBuckets.bucket(nanoseconds: nanoseconds) == bucket)
    }
}
