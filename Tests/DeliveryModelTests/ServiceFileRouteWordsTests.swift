import DeliveryModel
import Testing

private func problems(_ route: String) -> [ServiceFileProblem] {
    do {
        let text = "service: shop\nrun: { command: [a] }\nroute: " + route
        _ = try ServiceFileParser.parse(Array(text.utf8), file: "f")
        return []
    } catch {
        return error.problems
    }
}

private func rule(_ text: String) -> String { "{ rules: [{ \(text) }] }" }

/// What a person is told about a mistake in `route`.
@Suite struct ServiceFileRouteWordsTests {
    static let mistakes = [
        ("{ previewFrom: [10.0.0.0/33] }", "previewFrom[0]"), ("{ previewFrom: 10.0.0.0/8 }", "previewFrom"),
        ("{ previewFrom: [10.0.0.0/8], preview: anyone }", "previewFrom"), ("{ protocol: grpc }", "protocol"),
        ("{ sticky: cookie }", "sticky"), ("{ sticky: {} }", "sticky.by"), ("{ sticky: { by: ip } }", "sticky.by"),
        ("{ sticky: { by: header } }", "sticky.header"), ("{ sticky: { by: cookie, header: x } }", "sticky.header"),
        ("{ sticky: { by: header, header: 'a b' } }", "sticky.header"), ("{ rules: {} }", "rules"),
        (rule("release: candidate"), "rules[0]"), (rule("method: [GET]"), "rules[0].release"),
        (rule("method: [], release: candidate"), "rules[0].method"),
        (rule("method: [get], release: candidate"), "rules[0].method[0]"),
        (rule("method: [TRACE], release: candidate"), "rules[0].method[0]"),
        (rule("source: [], release: candidate"), "rules[0].source"),
        (rule("source: [here], release: candidate"), "rules[0].source[0]"),
        (rule("pathPrefix: shop, release: candidate"), "rules[0].pathPrefix"),
        (rule("pathRegex: '(', release: candidate"), "rules[0].pathRegex"),
        (rule("pathRegex: '', release: candidate"), "rules[0].pathRegex"),
        (rule("method: [GET], release: canary"), "rules[0].release"),
        (rule("method: [GET], release: abc"), "rules[0].release"),
        (rule("method: [GET], release: candidate, counted: yes"), "rules[0].counted"),
        (rule("method: [GET], release: candidate, to: x"), "rules[0].to"),
        (rule("header: { name: x }, release: candidate"), "rules[0].header"),
        (rule("header: { equals: x }, release: candidate"), "rules[0].header.name"),
        (rule("header: { name: 'x:', equals: x }, release: candidate"), "rules[0].header.name"),
        (rule("header: { name: x, equals: a, regex: b }, release: candidate"), "rules[0].header.regex"),
        (rule("query: { name: x, regex: '[' }, release: candidate"), "rules[0].query.regex"),
        (rule("cookie: { name: x, present: 2 }, release: candidate"), "rules[0].cookie.present"),
        (rule("cookie: { name: 'x;', present: on }, release: candidate"), "rules[0].cookie.name"),
        (rule("query: { name: '', present: on }, release: candidate"), "rules[0].query.name"),
        (rule("header: { name: x, equals: \"a\\nb\" }, release: candidate"), "rules[0].header.equals"),
        ("{ rescue: 1s }", "rescue"), ("{ rescue: { deadline: 5ms } }", "rescue.deadline"),
        ("{ rescue: { deadline: 61s } }", "rescue.deadline"), ("{ rescue: { maxBody: 2MiB } }", "rescue.maxBody"),
        ("{ rescue: { maxBody: 65536 } }", "rescue.maxBody"), ("{ rescue: { budget: 101% } }", "rescue.budget"),
        ("{ rescue: { budget: 0.001% } }", "rescue.budget"), ("{ rescue: { enabled: on } }", "rescue.enabled"),
        ("{ health: { active: off } }", "health.active"),
        ("{ health: { active: { path: ok } } }", "health.active.path"),
        ("{ health: { active: { interval: 1ms } } }", "health.active.interval"),
        ("{ health: { active: { healthyAfter: 0 } } }", "health.active.healthyAfter"),
        ("{ health: { passive: { window: 0s } } }", "health.passive.window"),
        ("{ health: { passive: { errorShare: 0.5 } } }", "health.passive.errorShare"),
        ("{ health: { passive: { ejectFor: 2m, maxEjectFor: 1m } } }", "health.passive.ejectFor"),
        ("{ health: { slowStart: 2h } }", "health.slowStart"), ("{ health: { panic: 50 } }", "health.panic"),
        ("{ mirror: on }", "mirror"), ("{ mirror: {} }", "mirror.share"), ("{ mirror: { share: 0% } }", "mirror.share"),
        ("{ mirror: { share: 1%, for: 8d } }", "mirror.for"),
        ("{ mirror: { share: 1%, methods: [PURGE] } }", "mirror.methods[0]"),
        ("{ mirror: { share: 1%, compare: { ignore: [id] } } }", "mirror.compare.ignore[0]"),
        ("{ mirror: { share: 1%, compare: { ignore: [/a~2] } } }", "mirror.compare.ignore[0]"),
        ("{ mirror: { share: 1%, compare: { headers: ['a b'] } } }", "mirror.compare.headers[0]"),
        ("{ timeouts: { connect: 1ms } }", "timeouts.connect"), ("{ timeouts: { read: 1s } }", "timeouts.read"),
        ("{ hosts: [a], tls: { certificate: /c } }", "tls.key"),
        ("{ hosts: [a], tls: { key: /k } }", "tls.certificate"),
        ("{ hosts: [a], tls: { certificate: c.pem, key: /k } }", "tls.certificate"),
        ("{ tls: { certificate: /c, key: /k } }", "tls"), ("{ hosts: [], tls: { certificate: /c, key: /k } }", "tls"),
    ]

    @Test(arguments: mistakes) func oneMistakeIsFoundAtItsKey(text: String, key: String) {
        #expect(problems(text).map(\.key) == ["route." + key])
    }

    @Test(arguments: [
        ("{ previewFrom: [10.0.0.1/8] }", "10.0.0.0/8"), ("{ previewFrom: 10.0.0.0/8 }", "[\"10.0.0.0/8\"]"),
        ("{ rescue: no }", "off"), ("{ rescue: { maxBody: 64K } }", "64KiB"), ("{ rescue: { maxBody: 1mb } }", "1MiB"),
        ("{ rescue: { maxBody: 100 } }", "100B"), ("{ rescue: { budget: 20 } }", "20%"),
        ("{ rescue: { budjet: 20% } }", "budget"), ("{ mirrors: { share: 1% } }", "mirror"),
        ("{ protocol: http }", "http1"), (rule("method: [GET], release: canidate"), "candidate"),
        (rule("method: [GET], release: Baseline"), "baseline"), (rule("method: [Get], release: baseline"), "GET"),
        (rule("pathPrefix: shop, release: candidate"), "/shop"),
        (rule("path_prefix: /, method: [GET], release: candidate"), "pathPrefix"),
        ("{ mirror: { share: 1%, compare: { ignore: [id] } } }", "/id"), ("{ timeouts: { connect: 2 } }", "2s"),
        ("{ certificate: /c }", "tls.certificate"),
    ])
    func suggestionSaysWhatToWrite(text: String, suggestion: String) {
        #expect(problems(text).map(\.suggestion) == [suggestion])
    }

    @Test(arguments: [
        (
            "\n  rules:\n    - { name: all, release: candidate }",
            "f:5:7: route.rules[0] is without a condition; expected at least one of header, cookie, query, method, "
                + "pathPrefix, pathRegex, source"
        ),
        (
            "\n  rules:\n    - header: { name: x, equals: a, regex: b }\n      release: candidate",
            "f:5:37: route.rules[0].header.regex is written beside equals; expected only one of equals, prefix, regex, "
                + "present"
        ),
        (
            "\n  rules:\n    - header: { name: x }\n      release: candidate",
            "f:5:15: route.rules[0].header is without a comparison; expected one of equals, prefix, regex, present"
        ),
        (
            "\n  rules:\n    - { source: [10.0.0.9/8], release: candidate }",
            "f:5:18: route.rules[0].source[0] is '10.0.0.9/8', an address with bits set after its prefix; expected the "
                + "first address of the range; write 10.0.0.0/8"
        ),
        (
            "\n  rules:\n    - { source: [intranet], release: candidate }",
            "f:5:18: route.rules[0].source[0] is 'intranet'; expected an IP address or a range of them, such as "
                + "10.0.0.0/8, 2001:db8::/32 or 192.0.2.1"
        ),
        (
            "\n  rules:\n    - { pathRegex: '/a(', release: candidate }",
            "f:5:20: route.rules[0].pathRegex is '/a('; expected a valid regular expression"
        ),
        (
            "\n  rules:\n    - { pathRegex: '\(String(repeating: "a", count: 257))', release: candidate }",
            "f:5:20: route.rules[0].pathRegex is a text of 257 bytes; expected a regular expression of 1 to 256 bytes, "
                + "such as ^/(cart|checkout)"
        ),
        (
            "\n  rules:\n    - { method: [GET], release: canidate }",
            "f:5:33: route.rules[0].release is 'canidate'; expected candidate, baseline, or the beginning of a commit "
                + "or digest: 4 to 64 hexadecimal digits; write candidate"
        ),
        (
            "\n  sticky: { by: header }",
            "f:4:13: missing key 'header' in route.sticky; expected it for by header"
        ),
        (
            "\n  sticky: { by: cookie, header: x }",
            "f:4:25: route.sticky.header is written for by cookie; expected no 'header': only with by: header it has a "
                + "meaning"
        ),
        (
            "\n  preview: anyone\n  previewFrom: [10.0.0.0/8]",
            "f:5:3: route.previewFrom is written beside preview anyone; expected no 'previewFrom': anyone may preview "
                + "already"
        ),
        (
            "\n  tls: { certificate: /c, key: /k }",
            "f:4:3: route.tls is written without hosts; expected the names of the certificate in hosts"
        ),
        (
            "\n  rescue: { maxBody: 64KB }",
            "f:4:22: route.rescue.maxBody is '64KB'; expected a size from 0B to 1MiB, such as 512B, 64KiB or 1MiB; "
                + "write 64KiB"
        ),
        (
            "\n  health: { passive: { ejectFor: 2m, maxEjectFor: 1m } }",
            "f:4:24: route.health.passive.ejectFor is 2m; expected at most 1m, which is maxEjectFor"
        ),
        (
            "\n  health: { panic: 101% }",
            "f:4:20: route.health.panic is '101%'; expected a share from 0% to 100%, such as 1% or 0.05%"
        ),
        (
            "\n  rescue: maybe",
            "f:4:11: route.rescue is 'maybe'; expected on, off, or keys and values (deadline, maxBody, budget)"
        ),
    ])
    func mistakesAreToldInFull(text: String, message: String) {
        #expect(problems(text).map(\.description) == [message])
    }

    @Test func rulesAtTheTopAreOfTheRoute() {
        let text = "service: shop\nrun: { command: [a] }\nsticky: { by: cookie }"
        let error = #expect(throws: ServiceFileError.self) {
            try ServiceFileParser.parse(Array(text.utf8), file: "f")
        }
        #expect(error?.problems.map(\.suggestion) == ["route.sticky"])
    }
}
