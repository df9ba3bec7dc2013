import DeliveryModel
import Glibc
import SystemCalls

/// Listening sockets that a program has given to its shim, so that they stay open while it is restarted: clients wait
/// for an instant where they would be refused.
///
/// The words are those of systemd, so that a program need not know which of the two keeps it: `FDSTORE=1`,
/// `FDSTOREREMOVE=1`, `FDNAME=`, `READY=1` to `NOTIFY_SOCKET` (sd_notify(3)); `LISTEN_FDS`, `LISTEN_FDNAMES` and the
/// descriptors from 3 on at a start (sd_listen_fds(3)). `LISTEN_PID` is left out: nobody knows it before the start.
struct KeptSockets {
    /// Sockets with names, beyond which further ones are not taken.
    static let limit = 8
    private static let messageLimit = 4_096
    /// Descriptors from here on are in the way of none that a program is given.
    private static let lowest: Int32 = 64
    private static let first: Int32 = 3

    /// Readable when the program has said something; -1: nothing is kept.
    let descriptor: Int32
    private let path: String
    private let patience: Duration
    private var sockets: [(name: String, descriptor: Int32)] = []
    /// When the program is not expected to come back any more: clients are then refused, as they would be without us.
    private(set) var deadline: ContinuousClock.Instant?

    /// Listens in the working directory, by a short name: an absolute path may be longer than `sun_path` (unix(7)).
    ///
    /// - Parameters:
    ///   - directory: the working directory, absolute.
    ///   - patience: how long sockets are kept for a program that ended and is not ready again; `nil`: none are kept.
    init(directory: String, patience: Duration?) throws(SystemFailure) {
        self.patience = patience ?? .zero
        path = "\(directory)/\(ShimFiles.notify)"
        guard patience != nil else {
            descriptor = -1
            return
        }
        let kind = Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue) | Int32(SOCK_NONBLOCK.rawValue)
        descriptor = socket(AF_UNIX, kind, 0)
        guard descriptor >= 0 else { throw SystemFailure("cannot make a socket") }
        unlink(ShimFiles.notify)
        let made = ShimServer.withAddress(ShimFiles.notify) { bind(descriptor, $0, $1) }
        guard made == 0, chmod(ShimFiles.notify, 0o600) == 0 else {
            throw SystemFailure("cannot listen at \(ShimFiles.notify)")
        }
    }

    var isEmpty: Bool { sockets.isEmpty }

    /// What the program's environment has besides.
    var environment: [String: String] {
        guard descriptor >= 0 else { return [:] }
        var variables = ["NOTIFY_SOCKET": path]
        if !sockets.isEmpty {
            variables["LISTEN_FDS"] = String(sockets.count)
            variables["LISTEN_FDNAMES"] = sockets.map(\.name).joined(separator: ":")
        }
        return variables
    }

    /// What the program finds open: descriptor there, descriptor here.
    var copied: [(descriptor: Int32, from: Int32)] {
        sockets.enumerated().map { (Self.first + Int32($0.offset), $0.element.descriptor) }
    }

    /// Takes what the program has sent.
    mutating func receive() {
        while let message = try? DescriptorPassing.receive(upTo: Self.messageLimit, over: descriptor) {
            let lines = String(decoding: message.bytes, as: UTF8.self).split(separator: "\n")
            let name = lines.lazy.compactMap { $0.hasPrefix("FDNAME=") ? String($0.dropFirst(7)) : nil }.first
            let isKept = lines.contains("FDSTORE=1")
            if let name, isKept || lines.contains("FDSTOREREMOVE=1") { remove(name) }
            for descriptor in message.descriptors {
                if isKept, let name { keep(descriptor, name) }
                close(descriptor)
            }
            if lines.contains("READY=1") { deadline = nil }
        }
    }

    /// The program has ended: it has so much time until it must be ready again.
    mutating func programEnded() {
        if !sockets.isEmpty, deadline == nil { deadline = .now + patience }
    }

    /// Closes them.
    mutating func drop() {
        for socket in sockets { close(socket.descriptor) }
        sockets = []
        deadline = nil
    }

    private mutating func keep(_ descriptor: Int32, _ name: String) {
        guard sockets.count < Self.limit, Self.isName(name) else { return }
        let copy = fcntl(descriptor, F_DUPFD_CLOEXEC, Self.lowest)
        if copy >= 0 { sockets.append((name, copy)) }
    }

    private mutating func remove(_ name: String) {
        for socket in sockets where socket.name == name { close(socket.descriptor) }
        sockets.removeAll { $0.name == name }
    }

    /// Names are joined by colons.
    private static func isName(_ name: String) -> Bool {
        (1...255).contains(name.utf8.count)
            && name.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7f && $0 != UInt8(ascii: ":") }
    }
}
