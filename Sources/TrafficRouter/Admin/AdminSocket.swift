#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif
import SystemCalls

/// The Unix socket of the admin interface: only its owner may connect, and only one router may hold it.
struct AdminSocket: Sendable {
    let path: String
    /// Bound. NIO works on a copy.
    let descriptor: CInt
    /// Held as long as the router lives.
    let lock: FileLock

    /// Takes the path: a socket left by a dead router is removed, one that a live router holds is not.
    init(path: String) throws(RouterError) {
        self.path = path
        // The lock file stays: removing it would let two routers lock two files of one name.
        let lockPath = path + ".lock"
        let lock: FileLock?
        do { lock = try FileLock.take(lockPath) } catch {
            throw RouterError(.system, "cannot lock \(lockPath): \(error)")
        }
        guard let lock else { throw Self.taken(path) }
        do throws(RouterError) {
            descriptor = try Self.bind(path)
        } catch {
            lock.release()
            throw error
        }
        self.lock = lock
    }

    /// Whether a living router has the path.
    static func isHeld(_ path: String) -> Bool { FileLock.isHeld(path + ".lock") }

    /// One that another router has given away: bound, listening, and locked.
    init(path: String, descriptor: CInt, lock: FileLock) {
        self.path = path
        self.descriptor = descriptor
        self.lock = lock
    }

    /// For NIO, which closes it.
    func copy() throws(RouterError) -> CInt { try ListeningSocket(descriptor: descriptor).copy() }

    /// Lets go of the lock here, while the router that took the socket over holds it.
    func giveAway() {
        close(descriptor)
        lock.giveAway()
    }

    /// Removes the socket and lets another router have the path.
    func release() {
        unlink(path)
        close(descriptor)
        lock.release()
    }

    private static func bind(_ path: String) throws(RouterError) -> CInt {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let bytes = Array(path.utf8)
        let capacity = MemoryLayout.size(ofValue: address.sun_path)
        guard bytes.count < capacity else {
            throw RouterError(
                .system, "the admin socket path has \(bytes.count) bytes, the system takes \(capacity - 1): \(path)")
        }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
        #if canImport(Glibc)
            let kind = CInt(SOCK_STREAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue)
        #elseif canImport(Musl)
            let kind = SOCK_STREAM | SOCK_CLOEXEC
        #else
            let kind = SOCK_STREAM
        #endif
        let probe = socket(AF_UNIX, kind, 0)
        guard probe >= 0 else { throw DurableFile.failure("make a socket for", path) }
        let isLive = call(&address) { connect(probe, $0, $1) } == 0
        close(probe)
        if isLive { throw taken(path) }
        let descriptor = socket(AF_UNIX, kind, 0)
        guard descriptor >= 0 else { throw DurableFile.failure("make a socket for", path) }
        unlink(path)
        // Nobody can connect before `listen`, so the mode is right before the first connection.
        let isBound =
            call(&address) { systemBind(descriptor, $0, $1) } == 0 && chmod(path, 0o600) == 0
        guard isBound else {
            let error = DurableFile.failure("bind", path)
            close(descriptor)
            throw error
        }
        return descriptor
    }

    private static func systemBind(_ socket: CInt, _ address: UnsafePointer<sockaddr>, _ length: socklen_t) -> CInt {
        #if canImport(Glibc)
            Glibc.bind(socket, address, length)
        #elseif canImport(Musl)
            Musl.bind(socket, address, length)
        #else
            Darwin.bind(socket, address, length)
        #endif
    }

    private static func call(
        _ address: inout sockaddr_un, _ body: (UnsafePointer<sockaddr>, socklen_t) -> CInt
    ) -> CInt {
        withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                body($0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
    }

    private static func taken(_ path: String) -> RouterError {
        RouterError(.addressInUse, "another router holds the admin socket \(path); stop it, or choose another path")
    }
}
