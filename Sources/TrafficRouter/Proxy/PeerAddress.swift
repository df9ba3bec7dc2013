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

    init(_ address: SocketAddress?, trusted: [AddressRange]) {
        self.init(text: address?.ipAddress ?? "unknown", trusted: trusted)
    }

    init(text: String, trusted: [AddressRange]) {
        self.text = text
        address = IPAddress(text)
        isTrusted = address.map(trusted.contains) ?? false
    }

    /// As a `Forwarded` field writes it (RFC 7239, section 6): an IPv6 address stands quoted and in brackets.
    var forwardedNode: String { text.contains(":") ? "\"[\(text)]\"" : text }
}
