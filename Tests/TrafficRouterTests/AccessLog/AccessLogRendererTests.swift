import DeliveryModel
import Testing

@testable import TrafficRouter

@Suite struct AccessLogRendererTests {
    @Test func aFullLineInJSON() {
        #expect(
            AccessLogSample.text(AccessLogSample.full(), .json) == #"""
                {"time":"2026-11-21T04:46:31.120Z","client":"192.0.2.7","method":"POST","target":"/cart?id=7",\#
                "protocol":"HTTP/2.0","host":"shop.example","status":503,"bytesIn":16384,"bytesOut":42,\#
                "durationSeconds":1.234567,"upstreamSeconds":0.000089,"service":"shop","release":"0123456789ab",\#
                "instance":"shop-0123456789ab-3-0","rescued":true,"refusal":"overloaded","requestID":"7f3a",\#
                "traceparent":"00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01","userAgent":"curl/8.5.0",\#
                "referer":"https://shop.example/","tls":"TLSv1.3"}

                """#)
    }

    @Test func anEmptyLineInJSON() {
        #expect(
            AccessLogSample.text(AccessLogLine(time: 0, client: "", status: 0), .json) == #"""
                {"time":"1970-01-01T00:00:00.000Z","client":"","method":null,"target":null,"protocol":"HTTP/1.1",\#
                "host":null,"status":0,"bytesIn":0,"bytesOut":0,"durationSeconds":0.000000,"upstreamSeconds":null,\#
                "service":null,"release":null,"instance":null,"rescued":false,"refusal":null,"requestID":null,\#
                "traceparent":null,"userAgent":null,"referer":null,"tls":null}

                """#)
    }

    @Test func linesInCombinedFormat() {
        #expect(
            AccessLogSample.text(AccessLogSample.full(), .combined) == #"""
                192.0.2.7 - - [21/Nov/2026:04:46:31 +0000] "POST /cart?id=7 HTTP/2.0" 503 42 \#
                "https://shop.example/" "curl/8.5.0"

                """#)
        #expect(
            AccessLogSample.text(AccessLogLine(time: 0, client: "", status: 0), .combined) == #"""
                - - - [01/Jan/1970:00:00:00 +0000] "-" 0 - "-" "-"

                """#)
    }

    @Test func theKeysAreAlwaysTheSame() throws {
        let full = try AccessLogSample.members(AccessLogSample.bytes(AccessLogSample.full(), .json))
        let empty = try AccessLogSample.members(
            AccessLogSample.bytes(AccessLogLine(time: 0, client: "", status: 0), .json))
        #expect(full.map(\.name) == empty.map(\.name))
        #expect(Set(full.map(\.name)).count == 21)
    }

    static let hostile: [String] = [
        "\n", "\r\n", "\"", "\\", "\\\"", "a\"b", "\\n", "\u{0}", "\u{1B}[31m", "\u{7F}", "\u{85}", "\u{9B}31m",
        "\u{2028}",
        "\u{2029}", "\t", "é", "😀", "\u{202E}", "\", \"status\":200}\n{\"time\":\"",
        "\" 200 1 \"-\" \"-\"\n127.0.0.1 - - [",
        " ", "\u{FEFF}", "\\u0022", "\\x22", "%0a", "\u{B}", "${jndi:ldap://x}", "</script>", "]", "[", "a\u{0300}",
    ]

    @Test(arguments: hostile) func nothingEndsAJSONLine(_ text: String) throws {
        var line = AccessLogSample.line(target: "/\(text)", host: text, userAgent: text, referer: text)
        line.requestID = Array(text.utf8)
        line.client = text
        line.instance = text
        let bytes = AccessLogSample.bytes(line, .json)
        Self.expectOneCleanLine(bytes)
        let members = Dictionary(uniqueKeysWithValues: try AccessLogSample.members(bytes).map { ($0.name, $0.value) })
        for key in ["host", "userAgent", "referer", "requestID", "client", "instance"] { #expect(members[key] == text) }
        #expect(members["target"] == "/" + text && members["status"] == "200")
    }

    @Test(arguments: hostile) func nothingEndsACombinedLineOrItsFields(_ text: String) {
        var line = AccessLogSample.line(target: "/\(text)", userAgent: text, referer: text)
        line.client = text
        let bytes = AccessLogSample.bytes(line, .combined)
        Self.expectOneCleanLine(bytes)
        #expect(bytes.allSatisfy { $0 == 0x0A || (0x20..<0x7F).contains($0) })
        let fields = Self.fields(bytes)
        #expect(fields.count == 9, "\(String(decoding: bytes, as: UTF8.self))")
        #expect(fields.dropFirst(5).first == "200")
    }

    @Test func bytesThatAreNotUTF8AreReplaced() throws {
        for bytes in [[0x80], [0xC2], [0xE2, 0x80], [0xF0, 0x9F, 0x98], [0xED, 0xA0, 0x80], [0xFF, 0xFE]] as [[UInt8]] {
            var line = AccessLogSample.line()
            line.head += bytes + [0x41]
            line.userAgent = line.head.count - bytes.count - 1..<line.head.count
            let rendered = AccessLogSample.bytes(line, .json)
            let agent = try #require(try AccessLogSample.members(rendered).first { $0.name == "userAgent" }?.value)
            #expect(agent == String(repeating: "\u{FFFD}", count: bytes.count) + "A")
            let text = String(decoding: rendered, as: UTF8.self)
            #expect(text.contains(String(repeating: #"\ufffd"#, count: bytes.count) + "A"))
        }
    }

    @Test(arguments: AccessLogFormat.allCases) func randomBytesMakeOneLine(_ format: AccessLogFormat) throws {
        var chance = MirrorChance(seed: 4)
        for _ in 0..<2_000 {
            var line = AccessLogSample.line()
            line.head += (0..<40).map { _ in UInt8(truncatingIfNeeded: chance.next()) }
            let count = line.head.count
            line.target = count - 40..<count - 20
            line.userAgent = count - 20..<count - 10
            line.referer = count - 10..<count
            let bytes = AccessLogSample.bytes(line, format)
            Self.expectOneCleanLine(bytes)
            if format == .json { #expect(try AccessLogSample.members(bytes).count == 21) }
            if format == .combined { #expect(Self.fields(bytes).count == 9) }
        }
    }

    @Test func longTextsAreCutAndFitWhatWasReckoned() throws {
        for filling in ["a", "\"", "\u{0}", "é"] {
            var line = AccessLogSample.line(
                target: String(repeating: filling, count: 9_000), host: String(repeating: filling, count: 9_000),
                userAgent: String(repeating: filling, count: 9_000), referer: String(repeating: filling, count: 9_000))
            line.requestID = Array(String(repeating: filling, count: 9_000).utf8)
            line.client = String(repeating: filling, count: 9_000)
            line.refusal = String(repeating: filling, count: 9_000)
            for format in AccessLogFormat.allCases {
                let bytes = AccessLogSample.bytes(line, format)
                #expect(bytes.count < AccessLogRenderer(format: format).worstSize(line))
            }
            let members = try AccessLogSample.members(AccessLogSample.bytes(line, .json))
            #expect(members.first { $0.name == "target" }?.value.utf8.count == 4_096)
        }
    }

    @Test func rangesOutsideTheHeadAreAbsent() {
        var line = AccessLogSample.line()
        line.userAgent = 0..<10_000
        line.referer = 4..<5
        #expect(AccessLogSample.text(line, .combined).hasSuffix("\"-\" \"-\"\n"))
        #expect(AccessLogSample.text(line, .json).contains("\"userAgent\":null"))
    }

    @Test(
        arguments: [
            (0, "1970-01-01T00:00:00", "01/Jan/1970:00:00:00 +0000"),
            (951_782_399, "2000-02-28T23:59:59", "28/Feb/2000:23:59:59 +0000"),
            (951_782_400, "2000-02-29T00:00:00", "29/Feb/2000:00:00:00 +0000"),
            (1_709_164_800, "2024-02-29T00:00:00", "29/Feb/2024:00:00:00 +0000"),
            (1_735_689_599, "2024-12-31T23:59:59", "31/Dec/2024:23:59:59 +0000"),
            (4_107_542_400, "2100-03-01T00:00:00", "01/Mar/2100:00:00:00 +0000"),
            (253_402_300_799, "9999-12-31T23:59:59", "31/Dec/9999:23:59:59 +0000"),
            (253_402_300_800, "9999-12-31T23:59:59", "31/Dec/9999:23:59:59 +0000"),
            (-5, "1970-01-01T00:00:00", "01/Jan/1970:00:00:00 +0000"),
        ] as [(Int64, String, String)]) func timesAreWritten(_ second: Int64, _ internet: String, _ common: String)
    {
        var clock = AccessLogClock()
        _ = clock.set(microseconds: 77)
        let milliseconds = clock.set(microseconds: second * 1_000_000)
        #expect(String(decoding: clock.internet, as: UTF8.self) == internet)
        #expect(String(decoding: clock.common, as: UTF8.self) == common)
        #expect(milliseconds == (second > 253_402_300_799 ? 999 : 0))
    }

    @Test func theDroppedAreTold() {
        var bytes: [UInt8] = []
        var json = AccessLogRenderer(format: .json)
        json.appendDropped(12, time: AccessLogSample.time, to: &bytes)
        var combined = AccessLogRenderer(format: .combined)
        combined.appendDropped(12, time: AccessLogSample.time, to: &bytes)
        #expect(
            String(decoding: bytes, as: UTF8.self) == #"""
                {"time":"2026-11-21T04:46:31.120Z","droppedLines":12}
                - - - [21/Nov/2026:04:46:31 +0000] "-" 0 0 "-" "nonevent: 12 lines dropped"

                """#)
    }

    @Test func theBufferIsReused() {
        var renderer = AccessLogRenderer(format: .json)
        var bytes: [UInt8] = []
        bytes.reserveCapacity(65_536)
        let capacity = bytes.capacity
        for _ in 0..<1_000 {
            bytes.removeAll(keepingCapacity: true)
            for _ in 0..<10 { renderer.append(AccessLogSample.full(), to: &bytes) }
        }
        #expect(bytes.capacity == capacity)
    }

    private static func expectOneCleanLine(_ bytes: [UInt8]) {
        #expect(bytes.last == 0x0A)
        #expect(bytes.dropLast().allSatisfy { $0 >= 0x20 && $0 != 0x7F })
        #expect(String(validating: bytes, as: UTF8.self) != nil)
    }

    /// Fields of a combined line: words, what is in brackets, and what is in quotation marks with its escapes.
    private static func fields(_ bytes: [UInt8]) -> [String] {
        var fields: [[UInt8]] = [[]]
        var (end, isEscaped) = (UInt8?.none, false)
        for byte in bytes.dropLast() {
            if let closing = end {
                if byte == closing, !isEscaped { end = nil }
                isEscaped = byte == 0x5C && !isEscaped
            } else if byte == 0x20 {
                fields.append([])
                continue
            } else if byte == 0x22 || byte == 0x5B {
                end = byte == 0x22 ? 0x22 : 0x5D
            }
            fields[fields.count - 1].append(byte)
        }
        return end == nil ? fields.map { String(decoding: $0, as: UTF8.self) } : []
    }
}
