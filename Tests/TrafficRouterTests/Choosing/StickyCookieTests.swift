import Testing

@testable import TrafficRouter

@Suite struct StickyCookieTests {
    static let key = "00112233445566778899aabbccddeeff"

    @Test(arguments: [key, "\(key).0123456789ab", String(repeating: "f", count: 32), String(repeating: "0", count: 32)])
    func whatIsWrittenIsRead(_ text: String) throws {
        let cookie = try #require(Self.read(text))
        #expect(cookie.text == text && (cookie.seen != nil) == (text.utf8.count == 45))
    }

    /// `K` stands for a key, `H` for one without its last digit, `T` for one without its first.
    @Test(arguments: [
        "", "0", "H", "K0", "K.", "K.0123456789a", "K.0123456789abc", "K-0123456789ab", "gT", "oT", "AT", "H/", "H:",
        "H`", "H\0",
        "K.0123456789aB", "K.0123456789ag", "K.x123456789ab", "\"K\"", " T", "K.K", "KK", "H\u{E9}",
    ])
    func otherTextsAreNoCookies(_ form: String) {
        let text = form.map { letter in
            switch letter {
            case "K": Self.key
            case "H": String(Self.key.dropLast())
            case "T": String(Self.key.dropFirst())
            default: String(letter)
            }
        }
        #expect(Self.read(text.joined()) == nil)
    }

    @Test func theFirstSixteenDigitsAreTheUpperHalf() throws {
        let key = try #require(Self.read(Self.key)).key
        #expect(key.high == 0x0011_2233_4455_6677 && key.low == 0x8899_aabb_ccdd_eeff)
        #expect(StickyCookie(key: PersonKey((1, 2))).text == "00000000000000010000000000000002")
    }

    @Test func theMarkIsTheBeginningOfTheDigest() throws {
        let mark = ReleaseMark(try ChoosingSample.digest("c"))
        #expect(StickyCookie(key: PersonKey((0, 0)), seen: mark).text.hasSuffix(".cccccccccccc"))
        #expect(Self.read(Self.key + ".cccccccccccc")?.seen == mark)
    }

    /// All 256 values at each of the eight places, against the plain rule.
    @Test func onlySmallHexadecimalDigitsAreDigits() {
        for place in 0..<8 {
            for byte in UInt8.min...UInt8.max {
                let digits = Array("0123abcd".utf8).enumerated().map { $0.offset == place ? byte : $0.element }
                let word = digits.reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
                let isDigit = "0123456789abcdef".utf8.contains(byte)
                let expected = isDigit ? UInt32(String(decoding: digits, as: UTF8.self), radix: 16) : nil
                #expect(LowerHexadecimal.value(of: word) == expected)
                if let expected { #expect(LowerHexadecimal.digits(expected) == word) }
            }
        }
    }

    static func read(_ text: String) -> StickyCookie? {
        let bytes = Array("x\(text)".utf8)
        return StickyCookie(bytes.span, 1..<bytes.count)
    }
}
