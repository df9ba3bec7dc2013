import DeliveryAPI
import DeliveryModel
import Synchronization

/// The list of all services in JSON, for dashboards that ask again and again.
final class StatusTexts: Sendable {
    private let known = Mutex(RememberedJSON<ServiceName, ServiceStatus>())

    /// - Returns: the JSON of a `ServiceList`.
    func list(_ all: [ServiceStatus]) throws -> String {
        let text = try known.withLock { known in
            Result { try known.array(all, key: \.service) }
        }.get()
        return "{\"services\":" + String(decoding: text, as: UTF8.self) + "}"
    }
}
