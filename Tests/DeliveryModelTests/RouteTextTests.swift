import DeliveryModel
import Testing

@Suite struct RouteTextTests {
    @Test(arguments: [
        ("x-user-id", true), ("a", true), ("!#$%&'*+-.^_`|~09AZ", true), ("", false), ("a b", false), ("a:", false),
        ("ä", false), ("a\r\nb", false), (String(repeating: "a", count: 128), true),
        (String(repeating: "a", count: 129), false),
    ])
    func tokens(text: String, isRight: Bool) { #expect(RouteText.isToken(text) == isRight) }

    @Test(arguments: [
        ("^/a/[0-9]+$", true), ("(", false), ("", false), ("a{2,1}", false), (String(repeating: "a", count: 256), true),
        (String(repeating: "a", count: 257), false), ("(?i)bot|crawler", true),
    ])
    func patterns(text: String, isRight: Bool) { #expect(RouteText.isPattern(text) == isRight) }

    @Test(arguments: [
        ("", true), ("/", true), ("/a/0/*", true), ("/a~0b~1c", true), ("a", false), ("/a~", false), ("/a~2", false),
        ("/a\n", false), ("/" + String(repeating: "a", count: 1_024), false),
    ])
    func pointers(text: String, isRight: Bool) { #expect(RouteText.isJSONPointer(text) == isRight) }

    @Test(arguments: [
        ("abcd", true), ("abc", false), ("sha256:" + String(repeating: "a", count: 64), true), ("ab cd", false),
        (String(repeating: "a", count: 72), false), ("äöüß", false),
    ])
    func releases(text: String, isRight: Bool) { #expect(RouteText.isReleaseName(text) == isRight) }

    @Test(arguments: [
        ("a.example", true), ("*.a.example", true), ("*", false), ("*.*.a", false), ("a.*", false),
        ("A.example", false),
        ("a:80", false), ("", false),
    ])
    func certificateHosts(text: String, isRight: Bool) { #expect(RouteText.isHost(text, wildcard: true) == isRight) }

    @Test func valuesAndNamesHaveNoControls() {
        #expect(RouteText.isValue("") && RouteText.isValue("ä b") && !RouteText.isValue("a\tb"))
        #expect(!RouteText.isValue(String(repeating: "a", count: 1_025)))
        #expect(
            RouteText.isParameterName("ä b") && !RouteText.isParameterName("") && !RouteText.isParameterName("\u{7F}"))
        #expect(RouteText.isFile("/a b") && !RouteText.isFile("a") && !RouteText.isFile("/a/"))
        #expect(RouteText.isPath("/a") && !RouteText.isPath("/a?b") && RouteText.isTarget("/a?b"))
    }
}
