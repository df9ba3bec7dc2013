import Testing

@testable import TrafficRouter

struct HealthAnswerTests {
    static func verdict(_ text: String) -> HealthAnswer.Verdict {
        var answer = HealthAnswer()
        return answer.read(text.utf8)
    }

    @Test(arguments: [
        ("HTTP/1.1 200 OK\r\n", 200), ("HTTP/1.0 204 No Content\r\n", 204), ("HTTP/1.1 200 \r\n", 200),
        ("HTTP/1.1 200\r\n", 200), ("HTTP/1.1 503 a\tb \u{E9}\r\n", 503),
        ("HTTP/1.1 301 x\r\nlocation: /\r\n\r\n", 301),
        ("HTTP/1.1 101 Switching\r\n", 101), ("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n", 200),
        ("HTTP/1.1 103 Early\r\nlink: </a>\r\nlink: </b>\r\n\r\nHTTP/1.1 500 x\r\n", 500),
    ])
    func statusesAreRead(text: String, status: Int) {
        #expect(Self.verdict(text) == .status(status))
        var answer = HealthAnswer()
        var verdicts: [HealthAnswer.Verdict] = []
        for byte in text.utf8 { verdicts.append(answer.read(CollectionOfOne(byte))) }
        #expect(verdicts.last == .status(status), "byte by byte")
        let later = answer.read("HTTP/1.1 999 x\r\n".utf8)
        #expect(later == .status(status), "a verdict is final")
    }

    @Test(arguments: [
        "HTTP/1.1 200 OK\n", "HTTP/1.1 200 OK\r\r\n", "HTTP/1.1  200 OK\r\n", "HTTP/1.1 20 OK\r\n", "HTTP/1.1 2000\r\n",
        "HTTP/1.1 2x0 OK\r\n", "HTTP/1.1 200OK\r\n", "HTTP/2 200 OK\r\n", "HTTP/1.2 200 OK\r\n", "HTTP/1.1\t200 OK\r\n",
        "http/1.1 200 OK\r\n", " HTTP/1.1 200 OK\r\n", "\r\nHTTP/1.1 200 OK\r\n", "HTTP/1.1 600 x\r\n",
        "HTTP/1.1 099 x\r\n", "HTTP/1.1 200 O\0K\r\n", "HTTP/1.1 200 O\u{7F}K\r\n", "HTTP/1.1 200 O\rK\r\n",
        "SSH-2.0-x\r\n",
        "HTTP/1.1 100 x\r\na: b\nc: d\r\n\r\nHTTP/1.1 200 OK\r\n",
    ])
    func malformedAnswersAreTold(text: String) { #expect(Self.verdict(text) == .malformed) }

    @Test(arguments: ["", "H", "HTTP/1.1 200", "HTTP/1.1 200 OK\r", "HTTP/1.1 100 x\r\n", "HTTP/1.1 100 x\r\n\r\n"])
    func beginningsNeedMore(text: String) { #expect(Self.verdict(text) == .needMore) }

    @Test func anotherProtocolIsToldByItsFirstBytes() {
        #expect(Self.verdict("SSH") == .malformed)
        #expect(Self.verdict("\0\0\u{12}\u{4}") == .malformed)
    }

    @Test(arguments: ["HTTP/1.1 200 ", "HTTP/1.1 100 x\r\na: "])
    func endlessAnswersAreCutOff(start: String) {
        #expect(Self.verdict(start + String(repeating: "a", count: 9_000)) == .malformed)
        let interim = String(repeating: "HTTP/1.1 100 x\r\n\r\n", count: 1_000)
        #expect(Self.verdict(interim) == .malformed)
    }

    @Test(arguments: [
        ("/healthz", "127.0.0.1", "GET /healthz HTTP/1.1\r\nhost: 127.0.0.1:80\r\n"),
        ("/a?b=c", "app.internal", "GET /a?b=c HTTP/1.1\r\nhost: app.internal:80\r\n"),
        ("/", "::1", "GET / HTTP/1.1\r\nhost: [::1]:80\r\n"),
        ("/a b\r\n", "h", "GET /a%20b%0D%0A HTTP/1.1\r\nhost: h:80\r\n"),
        ("/\u{E4}", "h", "GET /%C3%A4 HTTP/1.1\r\nhost: h:80\r\n"),
    ])
    func requests(path: String, host: String, beginning: String) {
        let text = String(decoding: HealthRequest.bytes(path: path, host: host, port: 80), as: UTF8.self)
        #expect(text == beginning + "user-agent: nonevent-health\r\naccept: */*\r\nconnection: close\r\n\r\n")
    }
}
