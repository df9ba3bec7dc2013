import DeliveryAPI
import DeliveryModel
import NIOCore
import Synchronization

/// The list of all services in JSON, for dashboards that ask again and again.
final class StatusTexts: Sendable {
    private let last = Mutex(Last())

    private struct Last {
        var known = RememberedJSON<ServiceName, StatusViews>()
        /// Kept for its memory: that of a megabyte costs more than what is written into it.
        var text: [UInt8] = []
    }

    /// - Returns: the JSON of a `ServiceList`.
    func list(_ all: [StatusViews]) throws -> ByteBuffer {
        try last.withLock { last in
            Result {
                last.text.removeAll(keepingCapacity: true)
                last.text += Array("{\"services\":".utf8)
                try last.known.append(all, to: &last.text, key: \.state.service, value: \.service)
                last.text.append(UInt8(ascii: "}"))
                return ByteBuffer(bytes: last.text)
            }
        }.get()
    }
}
