import DeliveryModel

/// What a router gives to the one that takes its place, and the words that both speak.
///
/// The old one sends a line of JSON, ``Greeting``, with the open sockets; the new one answers one byte, ``accepted``,
/// once it serves. Until then the old one serves too, and it goes on if that byte never comes.
///
/// Then the new one sends each table that it gets, a line of JSON, as long as the old one has requests under way, and
/// the old one answers each with ``followed``: a request that still begins there must not go where an undo forbids it.
struct HandedSockets: Sendable {
    struct Greeting: Codable, Equatable, Sendable {
        /// Of this conversation; a router that does not know it leaves the sockets where they are.
        var version = Greeting.current
        /// What each descriptor is, in their order.
        var sockets: [Kind]
        /// The table in force, which changes no more.
        var table: RouteTable

        static let current = 1
    }

    enum Kind: String, Codable, Sendable {
        case traffic, tls, admin, lock
    }

    static let accepted = UInt8(ascii: "+")
    /// Every event loop of the old router has the table.
    static let followed = UInt8(ascii: "+")
    /// A greeting with its table, at most.
    static let maxGreetingBytes = 64 * 1024 * 1024
    /// Longest wait for the other router, in either direction.
    static let patience = 10
    /// So often, every ``pause``, a router is asked again that holds the admin socket but does not hand over: it has
    /// just been given the socket itself.
    static let tries = 100
    /// In microseconds.
    static let pause: UInt32 = 50_000

    var descriptors: [Kind: CInt]
    var table: RouteTable
    /// The conversation goes on here until the old router is told that it may go.
    var conversation: CInt

    /// Where the router that holds the admin socket `path` hands its sockets over.
    static func path(for admin: String) -> String { admin + ".next" }
}
