extension CompiledRulesTests {
    private static func yes(
        _ rule: String, _ start: String, _ fields: [String] = [], from peer: String? = nil
    ) -> Case {
        Case(rule: rule, start: start, fields: fields, peer: peer, applies: true)
    }

    private static func no(
        _ rule: String, _ start: String, _ fields: [String] = [], from peer: String? = nil
    ) -> Case {
        Case(rule: rule, start: start, fields: fields, peer: peer, applies: false)
    }

    static let headers = [
        yes("header x-beta = 1", "GET /", ["X-Beta: 1"]),
        yes("header X-BETA = 1", "GET /", ["x-beta: 1"]),
        yes("header x-beta = 1", "GET /", ["x-beta: 2", "x-beta: 1"]),
        no("header x-beta = 1", "GET /", ["x-beta: 1, 2"]),
        yes("header x-beta = 1, 2", "GET /", ["x-beta: 1, 2"]),
        no("header x-beta = a", "GET /", ["x-beta: A"]),
        no("header x-beta = 1", "GET /", []),
        yes("header x-beta = ", "GET /", ["x-beta:"]),
        no("header x-beta = 1", "GET /", ["x-betas: 1", "beta: 1"]),
        yes("header user-agent ^ curl/", "GET /", ["User-Agent: curl/8"]),
        no("header user-agent ^ curl/", "GET /", ["User-Agent: my curl/8"]),
        no("header user-agent ^ curl/8.0", "GET /", ["User-Agent: curl/8"]),
        yes("header user-agent ~ (?i)android|iphone", "GET /", ["User-Agent: Mozilla (iPhone)"]),
        no("header user-agent ~ ^Mozilla$", "GET /", ["User-Agent: Mozilla 5"]),
        yes("header x-beta ~ b", "GET /", ["x-beta: a", "x-beta: b"]),
        yes("header x-beta +", "GET /", ["x-beta:"]),
        no("header x-beta +", "GET /", ["x-alpha: 1"]),
        no("header x-beta -", "GET /", ["x-beta: 1"]),
        yes("header x-beta -", "GET /", []),
        yes("header host = shop.test", "GET /", []),
        yes("header cookie ~ b=2", "GET /", ["Cookie: a=1; b=2"]),
    ]

    static let cookies = [
        yes("cookie beta = 1", "GET /", ["Cookie: beta=1"]),
        yes("cookie beta = 1", "GET /", ["Cookie: a=b;beta=1 ; c=d"]),
        yes("cookie beta = 1", "GET /", ["Cookie: a=b", "Cookie: beta=1"]),
        yes("cookie beta = 1", "GET /", ["Cookie: beta=2; beta=1"]),
        no("cookie beta = 1", "GET /", ["Cookie: Beta=1"]),
        no("cookie beta = 1", "GET /", ["Cookie: xbeta=1; betax=1; beta"]),
        no("cookie beta = 1", "GET /", ["Cookie: a=beta=1"]),
        no("cookie beta = 1", "GET /", ["Cookie: beta=\"1\""]),
        yes("cookie beta = ", "GET /", ["Cookie: beta="]),
        yes("cookie beta ^ on", "GET /", ["Cookie: beta=once"]),
        yes("cookie beta ~ ^\\d+$", "GET /", ["Cookie: beta=x; beta=12"]),
        no("cookie beta ~ ^\\d+$", "GET /", ["Cookie: beta=12x"]),
        yes("cookie beta +", "GET /", ["Cookie: beta=0"]),
        no("cookie beta +", "GET /", ["beta: 1"]),
        no("cookie beta -", "GET /", ["Cookie: beta=0"]),
        yes("cookie beta -", "GET /", ["Cookie: alpha=0"]),
        yes("cookie beta -", "GET /", []),
        yes("cookie beta = 1", "GET /", ["Cookie: \(String(repeating: "abcdefghij=klmnopqrst; ", count: 50))beta=1"]),
    ]

    static let queries = [
        yes("query beta = 1", "GET /?beta=1"), yes("query beta = 1", "GET /?a=b&beta=1&c"),
        yes("query beta = 1", "GET /?beta=2&beta=1"), no("query beta = 1", "GET /?Beta=1"),
        no("query beta = 1", "GET /beta=1"), no("query beta = 1", "GET /?a=beta=1"),
        yes("query beta = a b", "GET /?beta=a+b"), yes("query beta = a b", "GET /?beta=a%20b"),
        yes("query beta = a+b", "GET /?beta=a%2Bb"), yes("query beta = \u{E9}", "GET /?beta=%C3%A9"),
        yes("query b\u{E9} = 1", "GET /?b%c3%a9=1"),
        yes("query beta = 1", "GET /?%62eta=%31"), yes("query beta = %zz", "GET /?beta=%zz"),
        yes("query beta = %4", "GET /?beta=%4"), yes("query beta = ", "GET /?beta"),
        yes("query beta = ", "GET /?beta="), no("query beta = 1", "GET /?beta"),
        yes("query beta = a&b", "GET /?beta=a%26b"), no("query beta = 1", "GET /?a%3Dbeta=1"),
        yes("query beta ^ a b", "GET /?beta=a+bc"), yes("query beta ~ ^\\d+$", "GET /?beta=%31%32"),
        no("query beta ~ ^\\d+$", "GET /?beta=%31x"), yes("query beta +", "GET /?x&beta"),
        no("query beta -", "GET /?beta"), yes("query beta -", "GET /?alpha"), yes("query beta -", "GET /"),
        no("query beta +", "GET /?betas=1&bet=1"), yes("query beta = 1=2", "GET /?beta=1=2"),
    ]

    static let methods = [
        yes("method GET", "GET /"), yes("method GET HEAD", "HEAD /"), no("method POST", "GET /"),
        yes("method PURGE", "PURGE /"), no("method PURGE", "PUR /"), no("method PURGE GET", "LINK /"),
        no("method GET", "PURGE /"), no("method get", "GET /"),
    ]

    static let paths = [
        yes("prefix /shop", "GET /shop"), yes("prefix /shop", "GET /shop/1"), no("prefix /shop", "GET /shopping"),
        yes("prefix /shop/", "GET /shop"), yes("prefix /", "GET /x"), no("prefix /shop", "GET /?/shop"),
        no("prefix /shop", "GET /Shop"), no("prefix /a/b", "GET /a"),
        yes("prefix /shop", "GET http://shop.test/shop"), no("prefix /shop", "OPTIONS *"),
        yes("regex ^/(cart|checkout)(/|$)", "GET /cart?x"), no("regex ^/(cart|checkout)(/|$)", "GET /cartoon"),
        yes("regex \\.(png|jpg)$", "GET /a/b.png"), no("regex \\.(png|jpg)$", "GET /a?b.png"),
        yes("regex cart", "GET /x/cart/y"), no("regex CART", "GET /cart"), yes("regex (?i)CART", "GET /cart"),
        no("regex ^/cart", "GET /%63art"), yes("regex ^/x$", "GET http://shop.test/x"),
    ]

    static let sources = [
        yes("source 10.0.0.0/8", "GET /", from: "10.1.2.3"), no("source 10.0.0.0/8", "GET /", from: "11.1.2.3"),
        yes("source 10.0.0.0/8", "GET /", from: "::ffff:10.1.2.3"),
        yes("source ::ffff:10.0.0.0/104", "GET /", from: "10.1.2.3"),
        yes("source 192.0.2.1 2001:db8::/32", "GET /", from: "2001:db8:1::1"),
        yes("source 192.0.2.1 2001:db8::/32", "GET /", from: "192.0.2.1"),
        no("source 192.0.2.1 2001:db8::/32", "GET /", from: "192.0.2.2"), no("source 0.0.0.0/0", "GET /", from: "::1"),
    ]

    static let several = [
        yes("header x = 1; cookie c = 2", "GET /", ["x: 1", "Cookie: c=2"]),
        no("header x = 1; cookie c = 2", "GET /", ["x: 1", "Cookie: c=3"]),
        no("header x = 1; cookie c = 2", "GET /", ["x: 0", "Cookie: c=2"]),
        yes("method POST; prefix /api; query v = 2", "POST /api/x?v=2"),
        no("method POST; prefix /api; query v = 2", "POST /api/x?v=1"),
        yes("prefix /api; regex \\d$; source 10.0.0.0/8", "GET /api/1", from: "10.0.0.1"),
        no("prefix /api; regex \\d$; source 10.0.0.0/8", "GET /api/1", from: "12.0.0.1"),
        yes("header a -; header x = 1", "GET /", ["x: 1", "a: 1"]),
    ]
}
