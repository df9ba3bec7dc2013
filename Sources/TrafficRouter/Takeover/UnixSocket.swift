import Glibc

/// Blocking calls on Unix sockets, for threads that may wait.
enum UnixSocket {
    /// A socket file that nobody but its owner may connect to, listening. What lies at `path` is replaced.
    static func listen(at path: String) throws(RouterError) -> CInt {
        let descriptor = try make(path)
        unlink(path)
        let mask = umask(0o177)
        defer { umask(mask) }
        guard try call(path, { Glibc.bind(descriptor, $0, $1) }) == 0, Glibc.listen(descriptor, 4) == 0 else {
            let error = DurableFile.failure("listen at", path)
            close(descriptor)
            throw error
        }
        return descriptor
    }

    /// - Returns: `nil` when nobody listens there.
    static func connect(to path: String) throws(RouterError) -> CInt? {
        let descriptor = try make(path)
        guard try call(path, { Glibc.connect(descriptor, $0, $1) }) == 0 else {
            let code = errno
            close(descriptor)
            if code == ENOENT || code == ECONNREFUSED { return nil }
            throw DurableFile.failure("connect to", path)
        }
        return descriptor
    }

    /// A socket for messages to `path`, where somebody receives them; a full queue is waited for, a second at most.
    /// - Parameter path: of a file, or `@` and a name without one (unix(7): the abstract namespace).
    static func datagram(to path: String) throws(RouterError) -> CInt {
        let descriptor = try make(path, SOCK_DGRAM)
        let isAbstract = path.hasPrefix("@")
        guard try call(path, isAbstract: isAbstract, { Glibc.connect(descriptor, $0, $1) }) == 0 else {
            let error = DurableFile.failure("connect to", path)
            close(descriptor)
            throw error
        }
        limitWaits(descriptor, seconds: 1)
        return descriptor
    }

    /// - Returns: `nil` once the listening socket was shut down.
    static func accept(_ descriptor: CInt) -> CInt? {
        while true {
            let accepted = Glibc.accept(descriptor, nil, nil)
            if accepted >= 0 {
                _ = fcntl(accepted, F_SETFD, FD_CLOEXEC)
                return accepted
            }
            guard errno == EINTR || errno == ECONNABORTED else { return nil }
        }
    }

    /// Lets reads and writes fail that wait for longer.
    static func limitWaits(_ descriptor: CInt, seconds: Int) {
        var time = timeval(tv_sec: seconds, tv_usec: 0)
        let size = socklen_t(MemoryLayout<timeval>.size)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &time, size)
        setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &time, size)
    }

    private static func make(
        _ path: String, _ type: __socket_type = SOCK_STREAM
    ) throws(RouterError) -> CInt {
        let kind = CInt(type.rawValue) | CInt(SOCK_CLOEXEC.rawValue)
        let descriptor = socket(AF_UNIX, kind, 0)
        guard descriptor >= 0 else { throw DurableFile.failure("make a socket for", path) }
        return descriptor
    }

    private static func call(
        _ path: String, isAbstract: Bool = false, _ body: (UnsafePointer<sockaddr>, socklen_t) -> CInt
    ) throws(RouterError) -> CInt {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        var bytes = Array(path.utf8)
        let capacity = MemoryLayout.size(ofValue: address.sun_path)
        guard bytes.count < capacity else {
            throw RouterError(
                .system, "the socket path has \(bytes.count) bytes, the system takes \(capacity - 1): \(path)")
        }
        if isAbstract { bytes[0] = 0 }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
        // A name without a file ends with its last byte, not with a zero.
        let unused = isAbstract ? capacity - bytes.count : 0
        return withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                body($0, socklen_t(MemoryLayout<sockaddr_un>.size - unused))
            }
        }
    }
}
