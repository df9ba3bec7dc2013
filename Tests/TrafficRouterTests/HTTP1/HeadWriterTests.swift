import DeliveryModel
import NIOCore
import Testing

@testable import TrafficRouter

/// Heads written in one pass, and the addresses in them.
@Suite struct HeadWriterTests {
    @Test func writesPartsOneBehindTheOther() {
        var buffer = ByteBuffer(string: "before ")
        let long = String(repeating: "x", count: 40)
        buffer.writeHead(room: 100) { writer in
            writer.text("literal ")
            writer.text(long)
            Array("<range>".utf8).withUnsafeBytes { writer.bytes($0, 1..<6) }
            writer.bytes(Array("!".utf8))
            writer.word(UInt32(0x4142_4344))
            writer.word(UInt64(0x3132_3334_3536_3738))
        }
        #expect(String(buffer: buffer) == "before literal \(long)range!ABCD12345678")
    }

    @Test func writesNothingWhereNothingIs() {
        var buffer = ByteBuffer()
        buffer.writeHead(room: 0) { writer in
            writer.text("")
            writer.text(String())
            writer.bytes([])
        }
        #expect(buffer.readableBytes == 0)
    }

    @Test(arguments: ["127.0.0.1", "0.0.0.0", "255.255.255.255", "192.0.2.17", "10.20.3.109"])
    func ipv4AddressesAreWrittenFromTheirNumbers(text: String) throws {
        let peer = PeerAddress(try SocketAddress(ipAddress: text, port: 80), trusted: AddressRange.loopback)
        #expect(peer.text == text)
        #expect(peer.address == IPAddress(text))
        #expect(peer.isTrusted == (text == "127.0.0.1"))
    }

    @Test(arguments: [("192.0.2.17", "192.0.2.17"), ("2001:db8::1", "\"[2001:db8::1]\""), ("::1", "\"[::1]\"")])
    func nodesOfForwardedFieldsQuoteIPv6(text: String, node: String) throws {
        let peer = PeerAddress(try SocketAddress(ipAddress: text, port: 80), trusted: [])
        var buffer = ByteBuffer()
        buffer.writeHead(room: text.utf8.count + 4) { peer.writeForwardedNode(to: &$0) }
        #expect(String(buffer: buffer) == node)
    }

    /// What is reckoned for a forwarded head is enough for the longest that a client can bring about.
    @Test(arguments: [false, true])
    func roomIsReckonedForEverythingThatIsAdded(isTrusted: Bool) throws {
        let host = String(repeating: "h", count: 60) + ".example"
        let id = String(repeating: "i", count: RequestID.maximumLength)
        let text = """
            GET http://\(host) HTTP/1.1\r
            Host: \(host)\r
            Connection: upgrade\r
            Upgrade: websocket\r
            X-Forwarded-For: 192.0.2.1\r
            X-Forwarded-For: 192.0.2.2\r
            Forwarded: for=192.0.2.1\r
            Forwarded: for=192.0.2.2\r
            Transfer-Encoding: chunked\r
            \r\n
            """
        let head = RequestHead()
        let bytes = Array(text.utf8)
        try head.parse(bytes.span, limits: HeadLimits())
        let peer = PeerAddress(
            try SocketAddress(ipAddress: "2001:db8:1111:2222:3333:4444:5555:6666", port: 1),
            trusted: isTrusted ? [try #require(AddressRange("2001:db8::/32"))] : [])
        let origin = RequestOrigin(
            peer: peer, scheme: .https, requestID: try #require(RequestID(given: Array(id.utf8))), isCopy: true)
        var buffer = ByteBuffer()
        ForwardedRequest.write(head, origin, isChunked: true, to: &buffer)
        let written = String(buffer: buffer)
        #expect(written.hasPrefix("GET / HTTP/1.1\r\nhost: \(host)\r\n"))
        #expect(written.hasSuffix("x-request-id: \(id)\r\n\r\n"))
        #expect(written.contains("x-forwarded-for: 192.0.2.1, 192.0.2.2, 2001:") == isTrusted)
        #expect(written.contains("forwarded: for=192.0.2.1, for=192.0.2.2, for=\"[2001:") == isTrusted)
    }
}
