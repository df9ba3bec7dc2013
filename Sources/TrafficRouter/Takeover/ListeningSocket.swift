import Glibc
import NIOCore

/// A TCP socket bound to an address. It is made here and not by NIO, because only who knows the descriptor can hand it
/// to the next router.
struct ListeningSocket: Sendable {
    /// Open as long as the router lives; NIO works on a copy.
    let descriptor: CInt

    /// One that the router before has bound.
    init(descriptor: CInt) {
        self.descriptor = descriptor
        Self.set(IPPROTO_TCP, TCP_NODELAY, on: descriptor)
    }

    /// - Parameter host: a numeric address, or a name that is looked up.
    init(host: String, port: Int) throws(RouterError) {
        let address: SocketAddress
        do { address = try SocketAddress.makeAddressResolvingHost(host, port: port) } catch {
            throw Self.failure(host, port, "\(error)")
        }
        descriptor = socket(address.protocol.rawValue, CInt(SOCK_STREAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw Self.failure(host, port, String(cString: strerror(errno))) }
        Self.set(Int(SOL_SOCKET), SO_REUSEADDR, on: descriptor)
        // Accepted connections inherit it: one system call less for each.
        Self.set(IPPROTO_TCP, TCP_NODELAY, on: descriptor)
        let bound = address.withSockAddr { bind(descriptor, $0, socklen_t($1)) }
        // `listen` tells only here that another holds the port, when both were bound before either listened.
        guard bound == 0, listen() else {
            let why = String(cString: strerror(errno))
            Glibc.close(descriptor)
            throw Self.failure(host, port, why)
        }
    }

    /// Whether it is bound to that address; port 0 is any port.
    func serves(host: String, port: Int) -> Bool {
        guard let wanted = try? SocketAddress.makeAddressResolvingHost(host, port: port) else { return false }
        var storage = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        let found = withUnsafeMutablePointer(to: &storage) { storage in
            storage.withMemoryRebound(to: sockaddr.self, capacity: 1) { address -> SocketAddress? in
                guard getsockname(descriptor, address, &length) == 0 else { return nil }
                switch CInt(address.pointee.sa_family) {
                case AF_INET:
                    return address.withMemoryRebound(to: sockaddr_in.self, capacity: 1) { SocketAddress($0.pointee) }
                case AF_INET6:
                    return address.withMemoryRebound(to: sockaddr_in6.self, capacity: 1) { SocketAddress($0.pointee) }
                default: return nil
                }
            }
        }
        guard let found else { return false }
        return found.ipAddress == wanted.ipAddress && (port == 0 || found.port == port)
    }

    /// Connections the system keeps until they are accepted; it may allow fewer (`net.core.somaxconn`).
    private static let backlog: CInt = 4_096

    /// Asks for a long queue of connections. To be called again once NIO has taken a copy over, for it listens as well:
    /// always with a queue of 128, and the system drops who finds it full, to try again after a second.
    @discardableResult
    func listen() -> Bool { Glibc.listen(descriptor, Self.backlog) == 0 }

    private static func set(_ level: Int, _ option: CInt, on descriptor: CInt) {
        var on: CInt = 1
        setsockopt(descriptor, CInt(level), option, &on, socklen_t(MemoryLayout<CInt>.size))
    }

    /// For NIO, which closes it.
    func copy() throws(RouterError) -> CInt {
        let copy = fcntl(descriptor, F_DUPFD_CLOEXEC, 0)
        guard copy >= 0 else {
            throw RouterError(.system, "cannot copy a socket: \(String(cString: strerror(errno)))")
        }
        return copy
    }

    func close() { _ = Glibc.close(descriptor) }

    private static func failure(_ host: String, _ port: Int, _ why: String) -> RouterError {
        RouterError(
            .addressInUse,
            "cannot listen for traffic on \(host):\(port): \(why); choose another address or stop what holds it")
    }
}
