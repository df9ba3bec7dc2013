import DeliveryModel

/// Which requests are logged.
struct AccessLogSampling: Sendable, Equatable {
    /// Share of the requests; default all.
    var share: Share = .all
    /// Whether every request is logged that was answered with 5xx, or not at all. Default `true`.
    var alwaysErrors = true
    /// Chooses other requests of the same share.
    var seed: UInt64 = 0

    init(share: Share = .all, alwaysErrors: Bool = true, seed: UInt64 = 0) {
        self.share = share
        self.alwaysErrors = alwaysErrors
        self.seed = seed
    }

    /// The same answer for the same request id, so that routers in a row log the same requests.
    ///
    /// - Parameters:
    ///   - status: of the answer; 0 if there was none.
    ///   - counter: of requests on this event loop; decides when there is no id.
    func takes(requestID: Span<UInt8>, counter: UInt64, status: Int) -> Bool {
        if share == .all { return true }
        if alwaysErrors, status >= 500 || status == 0 { return true }
        let bucket =
            requestID.isEmpty
            ? BasisPointHash.bucket(seed: seed, counter) : BasisPointHash.bucket(seed: seed, requestID)
        return bucket < share.basisPoints
    }
}
