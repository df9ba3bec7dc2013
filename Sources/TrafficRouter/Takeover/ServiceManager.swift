import Glibc
import SystemCalls

/// Who starts the router again when it crashes, and keeps its listening sockets open meanwhile: Nonevent's shim, or
/// systemd with `FileDescriptorStoreMax=` (sd_notify(3), sd_listen_fds(3)).
///
/// Clients that come while the router is away wait for it where they would otherwise be refused. systemd's socket
/// units work as well; `FileDescriptorName=` is `traffic` or `tls`.
public struct ServiceManager: Sendable {
    /// Listening sockets that were open at the start.
    let inherited: [HandedSockets.Kind: CInt]
    private let notify: String?

    private static let firstDescriptor: CInt = 3

    /// - Parameters:
    ///   - environment: `LISTEN_FDS`, `LISTEN_FDNAMES`, `LISTEN_PID`, `NOTIFY_SOCKET` are looked at.
    ///   - process: id of this process; a `LISTEN_PID` of another means that the sockets are not for this one.
    /// - Returns: `nil` when nobody of that kind has started this process.
    public init?(environment: [String: String], process: CInt) {
        notify = environment["NOTIFY_SOCKET"].flatMap { $0.isEmpty ? nil : $0 }
        var inherited: [HandedSockets.Kind: CInt] = [:]
        if environment["LISTEN_PID"].map({ $0 == String(process) }) ?? true,
            let count = environment["LISTEN_FDS"].flatMap({ CInt($0) }), (1...64).contains(count)
        {
            let names = (environment["LISTEN_FDNAMES"] ?? "").split(separator: ":", omittingEmptySubsequences: false)
            for index in 0..<count {
                let descriptor = Self.firstDescriptor + index
                let kind = names.dropFirst(Int(index)).first.flatMap { HandedSockets.Kind(rawValue: String($0)) }
                guard fcntl(descriptor, F_GETFD) >= 0 else { continue }
                guard let kind, kind.isForTraffic, inherited[kind] == nil else {
                    close(descriptor)
                    continue
                }
                _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
                inherited[kind] = descriptor
            }
        }
        self.inherited = inherited
        if notify == nil, inherited.isEmpty { return nil }
    }

    /// Says that the router serves, and gives copies of its sockets away for safekeeping.
    ///
    /// - Returns: why that failed; `nil`: it did not, or there is nobody to give them to.
    func keep(_ sockets: [HandedSockets.Kind: ListeningSocket]) -> String? {
        for kind in HandedSockets.Kind.allForTraffic {
            let failure =
                if let socket = sockets[kind] {
                    send("FDSTORE=1\nFDNAME=\(kind.rawValue)", [socket.descriptor])
                } else {
                    send("FDSTOREREMOVE=1\nFDNAME=\(kind.rawValue)")
                }
            if let failure { return failure }
        }
        return send("READY=1")
    }

    /// Another router has the sockets now, and a manager of its own.
    func forget() {
        for kind in HandedSockets.Kind.allForTraffic { _ = send("FDSTOREREMOVE=1\nFDNAME=\(kind.rawValue)") }
    }

    private func send(_ text: String, _ descriptors: [CInt] = []) -> String? {
        guard let notify else { return nil }
        do throws(RouterError) {
            let socket = try UnixSocket.datagram(to: notify)
            defer { close(socket) }
            do { try DescriptorPassing.send(Array(text.utf8), descriptors: descriptors, over: socket) } catch {
                return "\(error)"
            }
            return nil
        } catch {
            return error.message
        }
    }
}

extension HandedSockets.Kind {
    static let allForTraffic: [HandedSockets.Kind] = [.traffic, .tls]

    var isForTraffic: Bool { Self.allForTraffic.contains(self) }
}
