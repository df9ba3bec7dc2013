import Glibc

/// Keeps a port bound, without listening: connections are refused, and nobody else is given the port.
final class PortReservation: Sendable {
    private let file: Int32

    /// - Returns: `nil` when the port cannot be bound any more.
    init?(port: Int) {
        file = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard file >= 0 else { return nil }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(truncatingIfNeeded: port).bigEndian
        address.sin_addr.s_addr = INADDR_LOOPBACK.bigEndian
        // Old connections may still wait for their end; once bound, others must not share.
        Self.setReuse(file, 1)
        let bound = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(file, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
        Self.setReuse(file, 0)
        guard bound else {
            close(file)
            return nil
        }
    }

    deinit { close(file) }

    private static func setReuse(_ file: Int32, _ value: Int32) {
        var value = value
        setsockopt(file, SOL_SOCKET, SO_REUSEADDR, &value, socklen_t(MemoryLayout<Int32>.size))
    }
}
