import Glibc

/// The shim's side of its socket: a few clients that send a line and get a line.
struct ShimServer {
    static let clientLimit = 16
    static let requestLimit = 128

    struct Client {
        var descriptor: Int32
        var received: [UInt8] = []
        /// Asked to stop, and waits for the end.
        var awaitsEnd = false
    }

    let listener: Int32
    private(set) var clients: [Client] = []

    /// Listens at `shim.sock` in the working directory, by its short name: an absolute path may be longer than
    /// `sun_path` (unix(7)).
    init() throws(SystemFailure) {
        listener = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        guard listener >= 0 else { throw SystemFailure("cannot make a socket") }
        Self.closeOnExec(listener)
        unlink(ShimFiles.socket)
        let made = Self.withAddress(ShimFiles.socket) { bind(listener, $0, $1) }
        guard made == 0, chmod(ShimFiles.socket, 0o600) == 0, listen(listener, Int32(Self.clientLimit)) == 0 else {
            throw SystemFailure("cannot listen at \(ShimFiles.socket)")
        }
    }

    var descriptors: [Int32] {
        // A full house leaves newcomers in the backlog.
        (clients.count < Self.clientLimit ? [listener] : []) + clients.map(\.descriptor)
    }

    mutating func acceptClient() {
        let descriptor = accept(listener, nil, nil)
        guard descriptor >= 0 else { return }
        Self.closeOnExec(descriptor)
        clients.append(Client(descriptor: descriptor))
    }

    /// Reads what a client sent.
    /// - Returns: the requests that are whole now. A client that ended, or sends too much without a line end, is
    ///   dropped.
    mutating func receive(from descriptor: Int32) -> [String] {
        guard let index = clients.firstIndex(where: { $0.descriptor == descriptor }) else { return [] }
        var buffer = [UInt8](repeating: 0, count: Self.requestLimit)
        let count = recv(descriptor, &buffer, buffer.count, Int32(MSG_DONTWAIT))
        if count < 0 && (errno == EAGAIN || errno == EINTR) { return [] }
        guard count > 0 else {
            drop(descriptor)
            return []
        }
        clients[index].received.append(contentsOf: buffer[..<count])
        var requests: [String] = []
        while let end = clients[index].received.firstIndex(of: UInt8(ascii: "\n")) {
            requests.append(String(decoding: clients[index].received[..<end], as: UTF8.self))
            clients[index].received.removeFirst(end + 1)
        }
        if clients[index].received.count > Self.requestLimit { drop(descriptor) }
        return requests
    }

    mutating func awaitEnd(_ descriptor: Int32) {
        for index in clients.indices where clients[index].descriptor == descriptor { clients[index].awaitsEnd = true }
    }

    /// Sends a line. A client that does not take it at once is dropped: the answer is smaller than any socket's buffer.
    mutating func answer(_ descriptor: Int32, _ line: [UInt8]) {
        let bytes = line + [UInt8(ascii: "\n")]
        let flags = Int32(MSG_DONTWAIT) | Int32(MSG_NOSIGNAL)
        if send(descriptor, bytes, bytes.count, flags) != bytes.count { drop(descriptor) }
    }

    /// Takes the socket away and answers those who asked for the end.
    mutating func end(_ line: [UInt8]) {
        unlink(ShimFiles.socket)
        close(listener)
        for client in clients where client.awaitsEnd { answer(client.descriptor, line) }
    }

    private mutating func drop(_ descriptor: Int32) {
        close(descriptor)
        clients.removeAll { $0.descriptor == descriptor }
    }

    private static func closeOnExec(_ descriptor: Int32) {
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
    }

    /// - Parameter path: a short one.
    static func withAddress<Result>(_ path: String, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Result) -> Result {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        return withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                body($0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
    }
}
