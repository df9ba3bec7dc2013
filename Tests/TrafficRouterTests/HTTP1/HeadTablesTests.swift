import Testing

@testable import TrafficRouter

/// The small tables of the parser against the rules they are made from.
@Suite struct HeadTablesTests {
    static let letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
    static let digits = "0123456789"
    static let visible = String((0x21...0x7E).map { Character(Unicode.Scalar($0)) })

    private func check(_ set: ByteSet, _ members: String) {
        let expected = Set(latin(members))
        for byte in UInt8.min...UInt8.max where set.contains(byte) != expected.contains(byte) {
            Issue.record("\(byte)")
        }
    }

    @Test func sets() {
        check(.token, "!#$%&'*+-.^_`|~" + Self.digits + Self.letters)
        check(.path, Self.visible.filter { !"#<>\\?".contains($0) })
        check(.query, Self.visible.filter { !"#<>".contains($0) })
        check(.hostName, "-._~!$&'()*+;=" + Self.digits + Self.letters)
        check(.hexDigit, Self.digits + "abcdefABCDEF")
        check(.quotedText, "\t " + Self.visible.filter { !"\"\\".contains($0) })
    }

    @Test func bytes() {
        for byte in UInt8.min...UInt8.max {
            let character = Character(Unicode.Scalar(byte))
            #expect(byte.isDigit == Self.digits.contains(character))
            #expect(byte.hexValue.map { Int($0) } == (byte < 0x80 ? character.hexDigitValue : nil))
            #expect(byte.lowercased == (byte < 0x80 ? character.lowercased().utf8.first : byte))
        }
    }

    /// Control characters and line feeds at every place of a few words, alone and behind one another.
    @Test func wordsAreSearchedRightly() {
        for length in 0..<20 {
            for place in 0..<length {
                for byte in UInt8.min...UInt8.max {
                    var input = [UInt8](repeating: 0x80, count: length)
                    input[place] = byte
                    if place + 1 < length { input[place + 1] = byte &+ 1 }
                    let control = input.firstIndex { $0 < 0x20 && $0 != 9 || $0 == 0x7F } ?? length
                    let line = input.firstIndex(of: 10) ?? length
                    let isRight =
                        input.span.controlCharacter(from: 0) == control
                        && input.span.lineFeed(from: 0, to: length) == line
                    if !isRight { Issue.record("\(byte) at \(place) of \(length)") }
                }
            }
        }
    }

    static let names: [(KnownField, String)] = [
        (.host, "Host"), (.contentLength, "Content-Length"), (.transferEncoding, "Transfer-Encoding"),
        (.expect, "Expect"), (.connection, "Connection"), (.keepAlive, "Keep-Alive"), (.te, "TE"),
        (.trailer, "Trailer"), (.upgrade, "Upgrade"), (.proxyConnection, "Proxy-Connection"),
        (.proxyAuthenticate, "Proxy-Authenticate"), (.proxyAuthorization, "Proxy-Authorization"),
        (.proxyAuthenticationInfo, "Proxy-Authentication-Info"), (.http2Settings, "HTTP2-Settings"),
        (.cookie, "Cookie"), (.setCookie, "Set-Cookie"), (.authorization, "Authorization"), (.date, "Date"),
        (.server, "Server"), (.forwarded, "Forwarded"), (.xForwardedFor, "X-Forwarded-For"),
        (.xForwardedProto, "X-Forwarded-Proto"), (.xForwardedHost, "X-Forwarded-Host"),
        (.xForwardedPort, "X-Forwarded-Port"), (.xRequestID, "X-Request-ID"), (.traceparent, "Traceparent"),
        (.tracestate, "Tracestate"), (.idempotencyKey, "Idempotency-Key"), (.nonEventRelease, "X-Nonevent-Release"),
        (.nonEventMirror, "X-Nonevent-Mirror"),
    ]

    private func known(_ name: String) -> KnownField {
        let bytes = Array(name.utf8)
        return KnownField.classify(bytes.span)
    }

    @Test(arguments: names) func fieldIsKnown(_ field: KnownField, _ name: String) {
        for spelling in [name, name.lowercased(), name.uppercased()] {
            #expect(known(spelling) == field)
        }
        // One letter more, less or other is another field.
        for other in [name + "s", String(name.dropLast()), "y" + name.dropFirst(), name.dropLast() + "q"] {
            #expect(known(other) == .other, "\(other)")
        }
    }

    @Test func allFieldsAreNamedHere() {
        #expect(Set(Self.names.map(\.0)).union([.other]) == Set(KnownField.allCases))
        #expect(known("") == .other)
        let hops = Self.names.filter { $0.0.isHopByHop }.map(\.0)
        #expect(hops.count == 11 && !hops.contains(.host) && hops.contains(.transferEncoding))
        // Presence is kept in the bits of one word.
        #expect(KnownField.allCases.count <= 64)
    }

    @Test func fieldsAreNarrow() { #expect(MemoryLayout<HeaderField>.stride == 20) }

    @Test(arguments: HeadFlaw.Code.allCases) func flawsAreExplained(_ code: HeadFlaw.Code) {
        let flaw = HeadFlaw(code)
        #expect(code.rawValue.allSatisfy { $0 == "_" || $0.isLowercase || $0.isNumber })
        #expect([400, 414, 431, 501, 505].contains(flaw.status) && flaw.inResponse.status == 502)
        #expect(flaw.text.count > 15 && !flaw.text.hasSuffix("."))
    }

    @Test func flawsHaveTheirOwnWords() {
        #expect(Set(HeadFlaw.Code.allCases.map { HeadFlaw($0).text }).count == HeadFlaw.Code.allCases.count)
        #expect(HeadFlaw(.connectNotOffered).text == "CONNECT is not offered")
        #expect(HeadFlaw(.lengthRepeated).inResponse.text == "the answer has more than one Content-Length field")
    }
}
