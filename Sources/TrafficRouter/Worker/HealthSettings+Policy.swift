import DeliveryModel
import NIOCore

extension HealthSettings {
    /// What the route table says of a service, in the form that the event loops use.
    ///
    /// - Parameter limits: used where the table leaves the default, and for what it does not name.
    init(_ policy: HealthPolicy, limits: RouterLimits) {
        let standard = ActiveHealth()
        let active = policy.active
        self.init()
        interval = active.interval == standard.interval ? Duration(limits.healthInterval) : active.interval
        timeout = active.timeout == standard.timeout ? Duration(limits.healthTimeout) : active.timeout
        jitterBasisPoints = active.jitterBasisPoints.basisPoints
        healthyAfter = active.healthyAfter
        unhealthyAfter =
            active.unhealthyAfter == standard.unhealthyAfter ? limits.unhealthyAfter : active.unhealthyAfter
        refusalPenalty = Duration(limits.connectFailurePenalty)
        consecutiveFailures = policy.passive.consecutiveFailures
        errorShareBasisPoints = policy.passive.errorShareBasisPoints.basisPoints
        minimumRequests = policy.passive.minimumRequests
        window = policy.passive.window
        ejectFor = policy.passive.ejectFor
        maxEjectFor = policy.passive.maxEjectFor
        slowStart = policy.slowStart
        panicBasisPoints = policy.panicBasisPoints.basisPoints
    }
}

extension Duration {
    init(_ amount: TimeAmount) { self = .nanoseconds(amount.nanoseconds) }
}
