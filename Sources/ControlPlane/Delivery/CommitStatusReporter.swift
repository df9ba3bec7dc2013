import DeliveryAPI
import DeliveryModel
import DeliveryStore
import Logging
import RolloutEngine

/// Tells forges how their commits fare.
struct CommitStatusReporter: Sendable {
    let desk: DeliveryDesk

    func run() async {}
}
