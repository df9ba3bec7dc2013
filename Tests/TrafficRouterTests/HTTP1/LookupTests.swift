import Testing

@testable import TrafficRouter

@Suite struct LookupTests {
    private func head(_ lines: String, target: String = "/") throws -> RequestHead {
        try parsed(latin("GET \(target) HTTP/1.1\r\nHost: a\r\n" + lines + "\r\n")).0
    }

    @Test func fieldsAreFoundByNumber() throws {
        let head = try head("X-FORWARDED-FOR: 1\r\nx-forwarded-for: 2\r\n")
        #expect(head.first(.xForwardedFor).map { head.string($0) } == "1")
        #expect(head.first(.cookie) == nil && !head.has(.cookie) && head.has(.host))
    }

    @Test func fieldsAreFoundByName() throws {
        let head = try head("X-A: 1\r\nx-a: 2\r\nX-Empty:\r\n")
        #expect(head.value(named: Array("x-a".utf8)).map { head.string($0) } == "1")
        #expect(head.value(named: "x-a").map { head.string($0) } == "1")
        #expect(head.value(named: Array("x-empty".utf8))?.isEmpty == true)
        #expect(head.value(named: Array("x-".utf8)) == nil && head.value(named: []) == nil)
    }

    /// `^` and `~`, and `_` and 0x7F, differ in the bit in which letters differ by case.
    @Test func onlyLettersAreFolded() throws {
        let head = try head("a^: 1\r\n_: 2\r\n")
        #expect(head.value(named: Array("a~".utf8)) == nil && head.value(named: Array("a^".utf8)) != nil)
        #expect(head.value(named: [0x7F]) == nil)
    }

    @Test(arguments: [
        ("a=1", "a", "1"), ("b=2; a=1", "a", "1"), ("a=1; a=2", "a", "1"), ("ab=1; a=2", "a", "2"), ("a=", "a", ""),
        ("a==b", "a", "=b"), ("a=\"q\"", "a", "\"q\""), ("b=2;a=1", "a", "1"), (" ;; a=1 ;", "a", "1"),
        ("b=a=9; a=1", "a", "1"), ("b=2;\ta=x y \t; c=3", "a", "x y"), ("A=2; a=1", "a", "1"),
    ])
    func cookies(_ value: String, _ name: String, _ expected: String) throws {
        let head = try head("Cookie: \(value)\r\n")
        #expect(head.cookie(named: Array(name.utf8)).map { head.string($0) } == expected)
    }

    @Test(arguments: ["b=1", "a", "a; b=1", "ba=1", "A=1", "a =1", "\"a=1\"", "b=\"; x\"", ""])
    func missingCookies(_ value: String) throws {
        #expect(try head("Cookie: \(value)\r\n").cookie(named: Array("a".utf8)) == nil)
    }

    @Test func cookiesOfAllFieldsAreSeen() throws {
        let head = try head("Cookie: b=2\r\nX: a=9\r\ncookie: a=1\r\n")
        #expect(head.cookie(named: Array("a".utf8)).map { head.string($0) } == "1")
        #expect(try self.head("").cookie(named: Array("a".utf8)) == nil)
    }

    @Test(arguments: [
        ("/?a=1", "1"), ("/?b=2&a=1", "1"), ("/?a=1&a=2", "1"), ("/?a", ""), ("/?a&a=1", ""), ("/?a=", ""),
        ("/?a=b=c", "b=c"), ("/?a=%41?/", "%41?/"), ("/?&&a=1&", "1"), ("/?ab=1&a=2", "2"), ("http://a?a=1", "1"),
    ])
    func queryValues(_ target: String, _ expected: String) throws {
        let head = try head("", target: target)
        #expect(head.queryValue(named: Array("a".utf8)).map { head.string($0) } == expected)
    }

    @Test(arguments: ["/", "/?", "/?b=1", "/a=1", "/?A=1", "/?%61=1", "/?ba=1", "/?b=a", "/?b=a=1"])
    func missingQueryValues(_ target: String) throws {
        #expect(try head("", target: target).queryValue(named: Array("a".utf8)) == nil)
    }

    @Test func hostsAreComparedWithoutCaseAndPort() throws {
        let (head, _) = try parsed(latin("GET / HTTP/1.1\r\nHost: Shop.Example:80\r\n\r\n"))
        #expect(head.isHost(Array("shop.example".utf8)))
        #expect(!head.isHost(Array("shop".utf8)) && !head.isHost(Array("shop.example:80".utf8)))
    }

    @Test func optionsOfTheConnectionAreFound() throws {
        let head = try head("Connection: x-a, HOST, content-length\r\nX-A: 1\r\nX-B: 2\r\nContent-Length: 1\r\n")
        let options = head.fields.filter { head.isConnectionOption($0) }
        #expect(options.map { head.string($0.name) } == ["X-A"])
    }

    @Test func textThatIsNoUTF8IsReplaced() throws {
        let head = try head("X: a\u{FF}\r\n")
        #expect(head.value(named: "x").map { head.string($0) } == "a\u{FFFD}")
    }
}
