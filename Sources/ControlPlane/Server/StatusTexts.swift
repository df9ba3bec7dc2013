import DeliveryAPI
import DeliveryModel
import Synchronization

/// The list of all services in JSON. Of hundreds only a few have changed since somebody asked last, and to compare a
/// status costs far less than to write it.
final class StatusTexts: Sendable {
    private let known = Mutex<[ServiceName: (status: ServiceStatus, text: String)]>([:])

    /// - Returns: the JSON of a `ServiceList`.
    func list(_ all: [ServiceStatus]) throws -> String {
        var next = known.withLock { $0 }
        var text = "{\"services\":["
        for (place, status) in all.enumerated() {
            if place > 0 { text += "," }
            if let found = next[status.service], found.status == status {
                text += found.text
            } else {
                let written = try StoredForms.json(status)
                next[status.service] = (status, written)
                text += written
            }
        }
        if next.count > all.count {
            let there = Set(all.map(\.service))
            next = next.filter { there.contains($0.key) }
        }
        known.withLock { [next] in $0 = next }
        return text + "]}"
    }
}
