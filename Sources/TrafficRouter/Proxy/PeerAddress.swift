import DeliveryModel
import NIOCore

/// The client as instances and logs are told about it.
struct PeerAddress: Sendable {
    /// Numeric; `unknown` when the system does not tell.
    let text: String
    /// `nil` when unknown.
    let address: IPAddress?
    /// Whether what it says about the clients before it is believed.
    let isTrusted: Bool
    /// A `Forwarded` field must quote it: it has colons.
    private let isQuoted: Bool

    init(_ address: SocketAddress?, trusted: [AddressRange]) {
        // Most are of this kind, and every new connection has one: written from the number, without asking the system.
        if case .v4 = address, let number = address.map(Self.ipv4) {
            self.init(text: Self.text(ipv4: number), address: IPAddress(ipv4: number), trusted: trusted)
        } else if let text = address?.ipAddress {
            self.init(text: text, trusted: trusted)
        } else {
            self = .unknown
        }
    }

    /// Nobody knows yet, or the system does not tell.
    static let unknown = PeerAddress(text: "unknown", address: nil, trusted: [])

    init(text: String, trusted: [AddressRange]) {
        self.init(text: text, address: IPAddress(text), trusted: trusted)
    }

    private init(text: String, address: IPAddress?, trusted: [AddressRange]) {
        self.text = text
        self.address = address
        isTrusted = address.map(trusted.contains) ?? false
        isQuoted = text.utf8.contains(Byte.colon)
    }

    /// The address in a `sockaddr_in`, which stands behind family and port (ip(7)).
    private static func ipv4(_ address: SocketAddress) -> UInt32 {
        address.withSockAddr { pointer, _ in
            UInt32(bigEndian: UnsafeRawPointer(pointer).loadUnaligned(fromByteOffset: 4, as: UInt32.self))
        }
    }

    /// As a `Forwarded` field writes it (RFC 7239, section 6): an IPv6 address stands quoted and in brackets.
    ///
    /// At most four bytes more than ``text``.
    func writeForwardedNode(to writer: inout HeadWriter) {
        if isQuoted {
            writer.text("\"[")
            writer.text(text)
            writer.text("]\"")
        } else {
            writer.text(text)
        }
    }

    /// Four decimal numbers: at most 15 bytes, for which a `String` needs no memory of its own.
    private static func text(ipv4 number: UInt32) -> String {
        String(unsafeUninitializedCapacity: 15) { bytes in
            var count = 0
            for shift in stride(from: 24, through: 0, by: -8) {
                let part = UInt8(truncatingIfNeeded: number >> UInt32(shift))
                if part >= 100 {
                    bytes[count] = Byte.zero + part / 100
                    count += 1
                }
                if part >= 10 {
                    bytes[count] = Byte.zero + part / 10 % 10
                    count += 1
                }
                bytes[count] = Byte.zero + part % 10
                count += 1
                if shift > 0 {
                    bytes[count] = Byte.dot
                    count += 1
                }
            }
            return count
        }
    }
}
