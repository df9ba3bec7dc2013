/// When an instance of a release counts as well, how long it is left alone when not, and how it is brought back.
///
/// Times on the clock of the event loops are nanoseconds since some fixed moment, in a `UInt64`, as `NIODeadline` keeps
/// them; what is measured with that clock is given in as `now`, so that everything in this directory is a plain value.
struct HealthSettings: Sendable, Equatable {
    /// Between the beginnings of two checks of an instance. Default 1 s, at least 10 ms.
    var interval: Duration = .seconds(1)
    /// Longest time a check may take, connecting included. Default 2 s, at least 1 ms.
    var timeout: Duration = .seconds(2)
    /// Longest deviation of one interval in either direction, in basis points of it: 0 to 5,000. Default 1,000.
    var jitterBasisPoints = 1_000
    /// Checks in a row that must succeed before an unhealthy instance is healthy. Default 1, at least 1.
    var healthyAfter = 1
    /// Checks in a row that must fail before a healthy instance is unhealthy. Default 2, at least 1.
    var unhealthyAfter = 2

    /// How long an instance that refused a connection is passed over. Default 1 s.
    var refusalPenalty: Duration = .seconds(1)
    /// Failed requests in a row after which an instance is ejected; 0: never for that. Default 5.
    var consecutiveFailures = 5
    /// Share of failed requests in `window` at which an instance is ejected, in basis points; 0: never for that.
    /// Default 5,000.
    var errorShareBasisPoints = 5_000
    /// Requests in `window` below which the share of failures says nothing, about the instance or about its peers.
    /// Default 20.
    var minimumRequests = 20
    /// How far back failures are counted. Default 10 s, at least 8 ms.
    var window: Duration = .seconds(10) { didSet { bucketLength = Self.bucketLength(window) } }
    /// Of `FailureWindow`, from `window`. Kept, because every request needs it and dividing a `Duration` is slow.
    private(set) var bucketLength = Self.bucketLength(.seconds(10))
    /// Length of the first ejection, doubled with each that follows. Default 5 s.
    var ejectFor: Duration = .seconds(5)
    /// Length at which ejections grow no longer, and time in service after which former ones are forgotten.
    /// Default 60 s.
    var maxEjectFor: Duration = .seconds(60)
    /// Requests that must succeed after an ejection before the instance gets its full load. Default 3, at least 1.
    var probationSuccesses = 3

    /// Over which an instance that joins serving ones is given its full load; zero: at once. Default zero.
    var slowStart: Duration = .zero
    /// When fewer of a release's instances are eligible than this, in basis points, all are used. 0: only when none
    /// is. Default 5,000.
    var panicBasisPoints = 5_000

    init() {}
}

extension HealthSettings {
    var effectiveInterval: UInt64 { max(interval, .milliseconds(10)).clampedNanoseconds }
    var effectiveTimeout: UInt64 { max(timeout, .milliseconds(1)).clampedNanoseconds }

    private static func bucketLength(_ window: Duration) -> UInt64 {
        max(window.clampedNanoseconds / UInt64(FailureWindow.bucketCount), 1_000_000)
    }
}

extension Duration {
    /// In nanoseconds, at least 0 and at most 24 hours: enough for any setting, and far from overflow.
    var clampedNanoseconds: UInt64 {
        let day: Duration = .seconds(86_400)
        let (seconds, attoseconds) = min(max(self, .zero), day).components
        return UInt64(seconds) * 1_000_000_000 + UInt64(attoseconds / 1_000_000_000)
    }
}
