/// Requests and failures of one instance over the last seconds, in 8 buckets that are used in turn.
///
/// A fixed 128 bytes without heap memory, whatever the traffic. Its counts reach back between 7/8 of the window and the
/// whole of it. A request costs two additions; the buckets are only touched when time leaves one.
struct FailureWindow: Sendable, Equatable {
    static let bucketCount = 8

    /// In the window, the running bucket included.
    private(set) var requests: UInt32 = 0
    private(set) var failures: UInt32 = 0
    private var bucketRequests = SIMD8<UInt32>(repeating: 0)
    private var bucketFailures = SIMD8<UInt32>(repeating: 0)
    private var runningRequests: UInt32 = 0
    private var runningFailures: UInt32 = 0
    private var running = 0
    private var runningEnd: UInt64 = 0

    init() {}

    /// - Parameter bucketLength: an eighth of the window, above 0.
    mutating func record(failed: Bool, now: UInt64, bucketLength: UInt64) {
        advance(to: now, bucketLength: bucketLength)
        // No instance answers four thousand million requests in a window; if it did, its share would stand still.
        guard requests < .max else { return }
        requests += 1
        runningRequests += 1
        if failed {
            failures += 1
            runningFailures += 1
        }
    }

    /// Counts a success if time has not left the running bucket, which is so for nearly all.
    /// - Returns: whether it was counted.
    mutating func recordSuccess(within now: UInt64) -> Bool {
        guard now < runningEnd, requests < .max else { return false }
        requests += 1
        runningRequests += 1
        return true
    }

    /// Forgets what is too old.
    mutating func advance(to now: UInt64, bucketLength: UInt64) {
        guard now >= runningEnd else { return }
        let passed = (now - runningEnd) / bucketLength
        guard passed < UInt64(Self.bucketCount) else {
            self = FailureWindow()
            runningEnd = now + bucketLength
            return
        }
        for _ in 0...passed { turn() }
        runningEnd += (passed + 1) * bucketLength
    }

    /// The running bucket becomes a past one, and the oldest is forgotten.
    private mutating func turn() {
        bucketRequests[running] = runningRequests
        bucketFailures[running] = runningFailures
        running = (running + 1) % Self.bucketCount
        requests -= bucketRequests[running]
        failures -= bucketFailures[running]
        runningRequests = 0
        runningFailures = 0
    }
}
