import Glibc
import NIOCore

extension ChannelHandlerContext {
    /// For a message that has begun and not ended. Its rest may be waiting for the acknowledgement of its beginning:
    /// who writes in pieces sends a small last one only then (Nagle's algorithm), and the system would delay it by 40
    /// ms.
    ///
    /// Holds for what has come so far; the system goes back to delaying by itself.
    func acknowledgeAtOnce() {
        try? channel.syncOptions?.setOption(.tcpOption(.quickAcknowledgement), value: 1)
    }
}

extension NIOBSDSocket.Option {
    fileprivate static let quickAcknowledgement = NIOBSDSocket.Option(rawValue: TCP_QUICKACK)
}
