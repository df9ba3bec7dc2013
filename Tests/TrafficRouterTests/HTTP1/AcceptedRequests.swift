@testable import TrafficRouter

/// Requests that must be taken: lines, targets and hosts.
enum AcceptedRequests {
    static let all: [AcceptedRequest] = lines + targets + absolute + hosts + AcceptedFields.all

    static let lines: [AcceptedRequest] = [
        AcceptedRequest("smallest", "GET / HTTP/1.1\r\nHost: a\r\n\r\n"),
        AcceptedRequest("empty line before", "\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n"),
        AcceptedRequest("HTTP/1.0 without Host", "GET / HTTP/1.0\r\n\r\n") {
            $0.host = ""
            $0.hostName = ""
            $0.isHTTP10 = true
            $0.keepsAlive = false
            $0.fieldCount = 0
        },
        AcceptedRequest("HTTP/1.0 with Host", "GET / HTTP/1.0\r\nHost: a\r\n\r\n") {
            $0.isHTTP10 = true
            $0.keepsAlive = false
        },
        AcceptedRequest("HEAD", "HEAD / HTTP/1.1\r\nHost: a\r\n\r\n") { $0.method = .head },
        AcceptedRequest("POST", "POST / HTTP/1.1\r\nHost: a\r\n\r\n") { $0.method = .post },
        AcceptedRequest("PUT", "PUT / HTTP/1.1\r\nHost: a\r\n\r\n") { $0.method = .put },
        AcceptedRequest("DELETE", "DELETE / HTTP/1.1\r\nHost: a\r\n\r\n") { $0.method = .delete },
        AcceptedRequest("PATCH", "PATCH / HTTP/1.1\r\nHost: a\r\n\r\n") { $0.method = .patch },
        AcceptedRequest("TRACE", "TRACE / HTTP/1.1\r\nHost: a\r\n\r\n") { $0.method = .trace },
        AcceptedRequest("OPTIONS", "OPTIONS / HTTP/1.1\r\nHost: a\r\n\r\n") { $0.method = .options },
        AcceptedRequest("OPTIONS *", "OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n") {
            $0.method = .options
            $0.path = "*"
        },
        AcceptedRequest("PROPFIND", "PROPFIND / HTTP/1.1\r\nHost: a\r\n\r\n") { $0.method = .other },
        AcceptedRequest("M-SEARCH", "M-SEARCH / HTTP/1.1\r\nHost: a\r\n\r\n") { $0.method = .other },
        AcceptedRequest("all of a token", "!#$%&'*+-.^_`|~09azAZ / HTTP/1.1\r\nHost: a\r\n\r\n") { $0.method = .other },
        AcceptedRequest("32 letters", "ABCDEFGHIJKLMNOPQRSTUVWXYZABCDEF / HTTP/1.1\r\nHost: a\r\n\r\n") {
            $0.method = .other
        },
        AcceptedRequest("beginning of a known method", "GE / HTTP/1.1\r\nHost: a\r\n\r\n") { $0.method = .other },
        AcceptedRequest("bytes behind are left", "GET / HTTP/1.1\r\nHost: a\r\n\r\nGET /next HTTP/1.1\r\n"),
        AcceptedRequest("bare LF behind is not looked at", "GET / HTTP/1.1\r\nHost: a\r\n\r\n\n"),
    ]

    static let targets: [AcceptedRequest] = [
        .target("/a/b.html", path: "/a/b.html"),
        .target("//a", path: "//a"),
        .target("//b/c", path: "//b/c"),
        .target("/../a/./b", path: "/../a/./b"),
        .target("/?", path: "/", query: ""),
        .target("/?a=b&c=d", path: "/", query: "a=b&c=d"),
        .target("/a?b?c", path: "/a", query: "b?c"),
        .target("/a?b/c", path: "/a", query: "b/c"),
        .target("/a%20b?c=%2F", path: "/a%20b", query: "c=%2F"),
        .target("/100%", path: "/100%"),
        .target("/-._~!$&'()*+,;=:@", path: "/-._~!$&'()*+,;=:@"),
        .target("/|^`{}\"[]", path: "/|^`{}\"[]"),
        .target("/?a=|^`{}\"[]\\", path: "/", query: "a=|^`{}\"[]\\"),
        .target("/http://b/", path: "/http://b/"),
        .target("/*", path: "/*"),
    ]

    static let absolute: [AcceptedRequest] = [
        .target("http://a/x?y", path: "/x", query: "y"),
        .target("http://a", path: ""),
        .target("http://a?x", path: "", query: "x"),
        AcceptedRequest("capitals in the target", "GET HTTP://A/ HTTP/1.1\r\nHost: a\r\n\r\n") { $0.hostName = "A" },
        .target("http://a:80/", path: "/"),
        .target("http://a:/", path: "/"),
        .target("http://a//x", path: "//x"),
        AcceptedRequest("https", "GET https://a/ HTTP/1.1\r\nHost: a:443\r\n\r\n") { $0.host = "a:443" },
        AcceptedRequest("standard port in Host", "GET http://A.b/ HTTP/1.1\r\nHost: a.B:80\r\n\r\n") {
            $0.host = "a.B:80"
            $0.hostName = "A.b"
        },
        AcceptedRequest("equal ports", "GET http://a:81/ HTTP/1.1\r\nHost: a:81\r\n\r\n") { $0.host = "a:81" },
        AcceptedRequest("address", "GET http://[::1]:81/ HTTP/1.1\r\nHost: [::1]:81\r\n\r\n") {
            $0.host = "[::1]:81"
            $0.hostName = "[::1]"
        },
        AcceptedRequest("HTTP/1.0 without Host", "GET http://a/ HTTP/1.0\r\n\r\n") {
            $0.host = ""
            $0.isHTTP10 = true
            $0.keepsAlive = false
            $0.fieldCount = 0
        },
        AcceptedRequest("OPTIONS without a path", "OPTIONS http://a HTTP/1.1\r\nHost: a\r\n\r\n") {
            $0.method = .options
            $0.path = ""
        },
    ]

    static let hosts: [AcceptedRequest] = [
        .host("shop.example.com", name: "shop.example.com"),
        .host("a:8080", name: "a"),
        .host("a:", name: "a"),
        .host("a:00080", name: "a"),
        .host("a:65535", name: "a"),
        .host("a.", name: "a."),
        .host("127.0.0.1:80", name: "127.0.0.1"),
        .host("under_score", name: "under_score"),
        .host("a%41", name: "a%41"),
        .host("!$&'()*+;=~", name: "!$&'()*+;=~"),
        .host("[::]", name: "[::]"),
        .host("[::1]:8080", name: "[::1]"),
        .host("[1:2:3:4:5:6:7:8]", name: "[1:2:3:4:5:6:7:8]"),
        .host("[1::8]", name: "[1::8]"),
        .host("[1:2:3:4:5:6:7::]", name: "[1:2:3:4:5:6:7::]"),
        .host("[FE80::aBcD]", name: "[FE80::aBcD]"),
        .host("[::ffff:1.2.3.4]", name: "[::ffff:1.2.3.4]"),
        .host("[1:2:3:4:5:6:1.2.3.4]", name: "[1:2:3:4:5:6:1.2.3.4]"),
    ]
}
