import DeliveryModel
import NIOCore

/// A service with what its requests need, laid out for one event loop; made anew when the table says
/// something else of it.
final class LiveService {
    let routed: RoutedService
    let chooser: ServiceChooser
    /// In the order of `routed.releases`.
    let releases: [LiveRelease]
    /// Being judged; `nil`: no release is.
    let candidate: LiveRelease?
    /// Answers for the candidate.
    let baseline: LiveRelease?
    /// What outlives the table.
    let standing: StandingService
    /// `nil`: nothing is mirrored.
    var mirror: LiveMirror?
    let connectTimeout: TimeAmount
    let responseTimeout: TimeAmount
    let streamTimeout: TimeAmount

    init(_ routed: RoutedService, releases: [LiveRelease], standing: StandingService, limits: RouterLimits) {
        self.routed = routed
        self.releases = releases
        self.standing = standing
        chooser = ServiceChooser(service: routed)
        candidate = routed.candidateIndex.map { releases[$0] }
        baseline = routed.baselineIndex.map { releases[$0] }
        for (release, routed) in zip(releases, routed.releases) {
            release.speaksHTTP2 = routed.instanceProtocol == .h2c
        }
        connectTimeout = routed.timeouts.connect.map(TimeAmount.init) ?? limits.connectTimeout
        responseTimeout = routed.timeouts.response.map(TimeAmount.init) ?? limits.upstreamResponseTimeout
        streamTimeout = routed.timeouts.stream.map(TimeAmount.init) ?? limits.upstreamStreamTimeout
    }

    /// - Returns: whether a failed request may be answered by the baseline now.
    func mayRescue(_ policy: RescuePolicy) -> Bool { standing.rescues.take(policy, now: .now()) }
}

/// What a service has on one event loop whatever table is in force: requests that wait, and the budget of rescues.
final class StandingService {
    var rescues = RescueBudget()
    var holds = HoldCounters()
    private(set) var waiting: [ObjectIdentifier: Exchange] = [:]

    func hold(_ exchange: Exchange) { waiting[ObjectIdentifier(exchange)] = exchange }
    func unhold(_ exchange: Exchange) { waiting[ObjectIdentifier(exchange)] = nil }

    /// Takes out all that wait, in the order of their coming.
    func takeWaiting() -> [Exchange] {
        defer { waiting = [:] }
        return waiting.values.sorted { $0.started < $1.started }
    }
}

extension TimeAmount {
    init(_ duration: Duration) {
        let (seconds, attoseconds) = duration.components
        self = .nanoseconds(
            seconds.multipliedReportingOverflow(by: 1_000_000_000).partialValue + attoseconds / 1_000_000_000)
    }
}
