/// What the numbers of routes may be, in service files and route tables alike: what a service file may say, every table
/// made of it may say too.
public enum TrafficBounds {
    /// Entries of `previewFrom`, of `trustedProxies` and of a rule's `source`.
    public static let ranges = 1_000
    public static let rules = 200
    public static let rescueDeadline: ClosedRange<Duration> = .milliseconds(10)...(.seconds(60))
    /// Requests kept to be sent again or mirrored are held in memory.
    public static let keptBodyBytes = 0...(1 << 20)
    public static let rescuesPerSecond = 0...1_000_000
    public static let waitingRequests = 0...1_000_000
    public static let holdWait: ClosedRange<Duration> = .zero...(.seconds(3_600))
    public static let retryAfter: ClosedRange<Duration> = .zero...(.seconds(86_400))
    public static let pageBytes = 1 << 20
    public static let checkInterval: ClosedRange<Duration> = .milliseconds(100)...(.seconds(3_600))
    public static let checkTimeout: ClosedRange<Duration> = .milliseconds(10)...(.seconds(600))
    public static let checksInARow = 1...100
    /// 0 is never.
    public static let failuresInARow = 0...1_000
    public static let minimumRequests = 1...1_000_000
    public static let ejection: ClosedRange<Duration> = .milliseconds(100)...(.seconds(86_400))
    public static let slowStart: ClosedRange<Duration> = .zero...(.seconds(3_600))
    public static let mirrorQueue = 1...100_000
    public static let comparedBytes = 0...(16 << 20)
    /// Names of headers and JSON pointers of a comparison.
    public static let comparedFields = 100
    public static let upstreamTime: ClosedRange<Duration> = .milliseconds(10)...(.seconds(86_400))
    public static let certificates = 10_000
}
