import Testing

@testable import TrafficRouter

/// The PROXY protocol's header, pure.
struct ProxyHeaderTests {
    private static func binary(_ command: UInt8, _ family: UInt8, _ payload: [UInt8], length: Int? = nil) -> [UInt8] {
        let count = length ?? payload.count
        return ProxyHeader.signature + [command, family, UInt8(count >> 8), UInt8(count & 0xFF)] + payload
    }

    private static let ipv4: [UInt8] = [192, 0, 2, 7, 127, 0, 0, 1, 0x12, 0x34, 0, 80]
    private static let ipv6: [UInt8] = [0x20, 1, 0xD, 0xB8] + zeros(11) + [9] + zeros(16) + [0, 7, 0, 80]
    private static func zeros(_ count: Int) -> [UInt8] { Array(repeating: 0, count: count) }

    private static let goodHeaders: [([UInt8], ProxyHeader.Source)] = [
        (binary(0x21, 0x11, ipv4), ProxyHeader.Source.address([192, 0, 2, 7], port: 0x1234)),
        (binary(0x21, 0x21, ipv6), .address(Array(ipv6.prefix(16)), port: 7)),
        (binary(0x21, 0x11, ipv4 + [0x04, 0, 2, 1, 2]), .address([192, 0, 2, 7], port: 0x1234)),
        (binary(0x20, 0x00, []), .own), (binary(0x20, 0x11, ipv4), .own), (binary(0x21, 0x00, [1, 2, 3]), .own),
        (binary(0x21, 0x31, zeros(216)), .unix),
        (text("PROXY TCP4 192.0.2.7 127.0.0.1 4660 80\r\n"), .address([192, 0, 2, 7], port: 4_660)),
        (text("PROXY TCP6 2001:db8::9 ::1 7 80\r\n"), .address(Array(ipv6.prefix(16)), port: 7)),
        (text("PROXY UNKNOWN\r\n"), .own), (text("PROXY UNKNOWN a b c\r\n"), .own),
    ]

    @Test("good headers", arguments: goodHeaders)
    func good(_ bytes: [UInt8], _ source: ProxyHeader.Source) throws {
        #expect(try ProxyHeader.parse((bytes + [0x47]).span) == ProxyHeader(source: source, length: bytes.count))
        for count in 0..<bytes.count { #expect(try ProxyHeader.parse(Array(bytes.prefix(count)).span) == nil) }
    }

    private static func text(_ text: String) -> [UInt8] { Array(text.utf8) }

    private static let badHeaders: [([UInt8], ProxyHeader.Flaw)] = [
        (text("GET / HTTP/1.1\r\n\r\n"), ProxyHeader.Flaw.missing), (text("POST / HTTP"), .missing),
        (Array(repeating: 0x0D, count: 20), .missing), (Array(repeating: 0x16, count: 20), .missing),
        (binary(0x11, 0x11, ipv4), .malformed), (binary(0x22, 0x11, ipv4), .malformed),
        (binary(0x21, 0x41, ipv4), .malformed), (binary(0x21, 0x12, ipv4), .malformed),
        (binary(0x21, 0x11, [1, 2, 3]), .malformed), (binary(0x21, 0x21, ipv4), .malformed),
        (binary(0x21, 0x31, ipv4), .malformed), (binary(0x21, 0x11, ipv4 + [4, 0, 9, 1]), .malformed),
        (binary(0x21, 0x11, ipv4 + [4, 0]), .malformed), (binary(0x21, 0x11, [], length: 5_000), .tooLong),
        (text("PROXY TCP4 192.0.2.7 127.0.0.1 4660\r\n"), .malformed),
        (text("PROXY TCP4 192.0.2.7 127.0.0.1 4660 80 \r\n"), .malformed),
        (text("PROXY  TCP4 192.0.2.7 127.0.0.1 4660 80\r\n"), .malformed),
        (text("PROXY TCP4 192.0.2.07 127.0.0.1 4660 80\r\n"), .malformed),
        (text("PROXY TCP4 ::1 ::1 4660 80\r\n"), .malformed),
        (text("PROXY TCP6 192.0.2.7 127.0.0.1 1 80\r\n"), .malformed),
        (text("PROXY TCP4 192.0.2.7 127.0.0.1 65536 80\r\n"), .malformed),
        (text("PROXY TCP4 192.0.2.7 127.0.0.1 -1 80\r\n"), .malformed),
        (text("PROXY TCP5 192.0.2.7 127.0.0.1 1 80\r\n"), .malformed),
        (text("PROXY TCP4 192.0.2.7 127.0.0.1 1 80\n"), .malformed),
        (text("PROXY UNKNOWN ") + Array(repeating: 0x61, count: 100), .tooLong),
    ]

    @Test("bad headers", arguments: badHeaders)
    func bad(_ bytes: [UInt8], _ flaw: ProxyHeader.Flaw) {
        #expect(throws: flaw) { try ProxyHeader.parse(bytes.span) }
    }
}
