import DeliveryModel

/// Every limit of mirroring by name; each holds per event loop.
struct MirrorLimits: Sendable, Equatable {
    /// Copies that wait to be sent or are under way. Default as `TrafficMirror`'s.
    var maxQueued = 100
    /// Bytes of heads and bodies of copies that wait; and as many of requests whose real answer is still to come.
    var maxQueuedBytes = 4 * 1024 * 1024
    /// Copies sent and not answered yet. Each may hold `ComparisonOptions.maxBodyBytes` of up to three answers.
    var maxInFlight = 16
    /// People's requests under way on the worker from which on nothing is mirrored.
    var maxWorkerInFlight = 512
    /// Body of a request that is copied.
    var maxBodyBytes: UInt64 = 65_536
    /// Longest wait of a copy.
    var maxWait: Duration = .seconds(2)
    /// Body of a copy's answer that is read, if it is not kept anyway; then its connection is closed.
    var maxDiscardedBytes: UInt64 = 1024 * 1024

    init() {}
}

/// Which requests are to be mirrored: a share of them, drawn by hashing a counter with a seed.
///
/// Hashed, not every n-th, because traffic has rhythms of its own: every tenth request of a client that makes ten per
/// page would always be the same picture.
struct MirrorBudget: Sendable, Equatable {
    enum Decision: Sendable, Equatable {
        case mirror
        /// Not one of the share; not counted.
        case notChosen
        case drop(MirrorDropReason)
    }

    let share: Share
    let limits: MirrorLimits
    /// Those that may change something only for candidates that write nowhere.
    private let methods: [[UInt8]]
    private let seed: UInt64
    private var counter: UInt64 = 0

    /// - Parameters:
    ///   - methods: that are mirrored, as they are written in requests. Default: those that change nothing (RFC 9110,
    ///     section 9.2.1), without TRACE.
    ///   - seed: different for every event loop, so that they do not choose alike.
    init(
        share: Share, methods: [String] = ["GET", "HEAD", "OPTIONS"], limits: MirrorLimits = .init(), seed: UInt64
    ) {
        self.share = share
        self.methods = methods.map { Array($0.utf8) }
        self.limits = limits
        self.seed = seed
    }

    /// Decides when the head of a request has been read.
    ///
    /// - Parameters:
    ///   - method: as written.
    ///   - bodyBytes: length of the body; `nil` when it is chunked. Its length then shows later: drop the copy with
    ///     `.bodyTooLarge` when it passes `limits.maxBodyBytes`.
    ///   - workerInFlight: people's requests under way on this event loop.
    mutating func decide(method: Span<UInt8>, bodyBytes: UInt64?, workerInFlight: Int) -> Decision {
        guard share > .none else { return .notChosen }
        counter &+= 1
        guard BasisPointHash.bucket(seed: seed, counter) < share.basisPoints else { return .notChosen }
        guard mirrors(method) else { return .drop(.method) }
        guard bodyBytes ?? 0 <= limits.maxBodyBytes else { return .drop(.bodyTooLarge) }
        guard workerInFlight < limits.maxWorkerInFlight else { return .drop(.overload) }
        return .mirror
    }

    private func mirrors(_ method: Span<UInt8>) -> Bool {
        for mirrored in methods
        where ByteScan.areEqual(mirrored.span, 0..<mirrored.count, method, 0..<method.count) { return true }
        return false
    }
}
