import Glibc

/// Finds a port of 127.0.0.1 that a program can listen on.
enum PortChoice {
    /// - Parameter preferred: taken when it can be bound, else any free one is.
    /// - Returns: 0 when no port is free.
    static func choose(preferred: Int) -> Int {
        if preferred > 0, let port = bound(preferred) { return port }
        return bound(0) ?? 0
    }

    private static func bound(_ port: Int) -> Int? {
        let socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        guard socket >= 0 else { return nil }
        defer { close(socket) }
        // Connections of the last run may linger in TIME_WAIT; a server would set this too.
        var yes: Int32 = 1
        setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<Int32>.size))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(truncatingIfNeeded: port).bigEndian
        address.sin_addr.s_addr = in_addr_t(0x7f00_0001).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        return withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { general -> Int? in
                guard bind(socket, general, size) == 0, getsockname(socket, general, &size) == 0 else { return nil }
                return pointer.pointee.sin_port.bigEndian == 0 ? nil : Int(pointer.pointee.sin_port.bigEndian)
            }
        }
    }
}
