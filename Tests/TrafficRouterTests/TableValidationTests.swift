import DeliveryModel
import Testing
import TrafficRouter

/// A table is refused whole when any part is wrong, in words that name the place and what is allowed.
@Suite struct TableValidationTests {
    struct Mistake: CustomTestStringConvertible, Sendable {
        let words: String
        let make: @Sendable (inout RouteTable) -> Void
        var testDescription: String { words }

        init(_ words: String, _ make: @escaping @Sendable (inout RouteTable) -> Void) {
            self.words = words
            self.make = make
        }

        /// Of the only service.
        static func service(_ words: String, _ make: @escaping @Sendable (inout RoutedService) -> Void) -> Mistake {
            Mistake("service 'shop'" + words) { make(&$0.services[0]) }
        }

        /// Of its only rule.
        static func rule(_ words: String, _ make: @escaping @Sendable (inout RouteRule) -> Void) -> Mistake {
            service(", rules[0]: " + words) { make(&$0.rules[0]) }
        }
    }

    private func refusal(_ table: RouteTable) -> String? {
        do throws(RouterError) {
            try table.validate()
            return nil
        } catch {
            #expect(error.code == .malformedTable)
            return error.message
        }
    }

    @Test func aFullTableIsAccepted() throws { #expect(refusal(try TableFixture.table()) == nil) }

    static let ofTable = [
        Mistake("service 'shop' stands in the table twice; name each service once") { $0.services += $0.services },
        Mistake("trustedProxies has 1001 entries; at most 1000") {
            $0.trustedProxies = Array(repeating: AddressRange.loopback[0], count: 1_001)
        },
        Mistake("accessLog.file 'log' must be an absolute path, or '-' for standard output") {
            $0.accessLog?.file = "log"
        },
        Mistake("certificates[0]: chain 'c.pem' must be an absolute path") { $0.certificates[0].chain = "c.pem" },
        Mistake("certificates[1]: key '' must be an absolute path") { $0.certificates[1].key = "" },
        Mistake("certificates[0]: host 'a.*' must be a host name in lower case, or '*.' and a host name") {
            $0.certificates[0].hosts = ["a.*"]
        },
        Mistake("certificates[1]: host 'shop.test' stands in certificates[0] already; name each host once") {
            $0.certificates[1].hosts = ["shop.test"]
        },
        Mistake("certificates[2]: without hosts, as certificates[1]; one may be for all other names") {
            $0.certificates.append($0.certificates[1])
        },
        Mistake("limits: maxHeadBytes is 1023; 1024 to 1048576 is allowed") { $0.limits.maxHeadBytes = 1_023 },
        Mistake("limits: maxResetsPerMinute is 0; 1 to 1000000 is allowed") { $0.limits.maxResetsPerMinute = 0 },
        Mistake("limits: headTimeout is 0.001 s; 0.01 to 600.0 s is allowed") {
            $0.limits.headTimeout = .milliseconds(1)
        },
        Mistake("limits: maxTargetBytes is 8192, more than maxHeadBytes, 4096, of which it is a part") {
            ($0.limits.maxHeadBytes, $0.limits.maxTargetBytes) = (4_096, 8_192)
        },
    ]

    static let ofService = [
        Mistake.service(": host 'Shop' must be a lower-case host name without port") { $0.hosts = ["Shop"] },
        .service(": path 'a' must start with '/'") { $0.paths = ["a"] },
        .service(": release aaaaaaaaaaaa stands there twice") { $0.releases[1].digest = $0.releases[0].digest },
        .service(", release bbbbbbbbbbbb: role 'baseline' is another release's already; give it to one") {
            $0.releases[1].role = .baseline
        },
        .service(": the shares of its releases add up to 9999 basis points; they must add up to 10000, or all be 0") {
            $0.releases[0].shareBasisPoints = Share(clamping: 9_999)
        },
        .service(", release aaaaaaaaaaaa: health path 'ok' must start with '/' or be empty") {
            $0.releases[0].healthPath = "ok"
        },
        .service(", release aaaaaaaaaaaa, instance 'a-1': port 0 is not within 1 to 65535") {
            $0.releases[0].instances[0].port = 0
        },
        .service(": previewFrom has 1001 entries; 0 to 1000 are allowed") {
            $0.previewFrom = Array(repeating: AddressRange.loopback[0], count: 1_001)
        },
        .service(": sticky.header 'x user' must be the name of a header") { $0.sticky = .header("x user") },
        .service(": rules has 201 entries; 0 to 200 are allowed") {
            $0.rules = Array(repeating: $0.rules[0], count: 201)
        },
        .service(": rescue.methods has 'PURGE'; allowed are GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS") {
            $0.rescue.methods = ["PURGE"]
        },
        .service(": rescue.deadline is 61.0 s; 0.01 to 60.0 s is allowed") { $0.rescue.deadline = .seconds(61) },
        .service(": rescue.maxBodyBytes is -1; 0 to 1048576 is allowed") { $0.rescue.maxBodyBytes = -1 },
        .service(": rescue.minimumPerSecond is -1; 0 to 1000000 is allowed") { $0.rescue.minimumPerSecond = -1 },
        .service(": hold.maxRequests is -1; 0 to 1000000 is allowed") { $0.hold?.maxRequests = -1 },
        .service(": hold.maxWait is 3601.0 s; 0.0 to 3600.0 s is allowed") { $0.hold?.maxWait = .seconds(3_601) },
        .service(": hold.retryAfter is -1.0 s; 0.0 to 86400.0 s is allowed") { $0.hold?.retryAfter = .seconds(-1) },
        .service(": hold.page has 1048577 bytes; at most 1048576 are allowed") {
            $0.hold?.page = String(repeating: "a", count: 1_048_577)
        },
        .service(
            ": hold.contentType 'a\r\nb: c' must be a media type of at most 255 printable ASCII characters, such as "
                + "text/html; charset=utf-8"
        ) { $0.hold?.contentType = "a\r\nb: c" },
        .service(": timeouts.response is 0.0 s; 0.01 to 86400.0 s is allowed") { $0.timeouts.response = .zero },
    ]

    static let ofRule = [
        Mistake.rule(
            "without a condition; write at least one of header, cookie, query, method, pathPrefix, pathRegex, source"
        ) { $0 = RouteRule(release: .candidate) },
        .rule("name 'a\nb' must be at most 128 bytes without control characters") { $0.name = "a\nb" },
        .rule("header.name 'x:' must be the name of a header") { $0.header?.name = "x:" },
        .rule("cookie.name '' must be the name of a cookie") { $0.cookie?.name = "" },
        .rule("query.name '' must be the name of a parameter, of 1 to 128 bytes") { $0.query?.name = "" },
        .rule("header.equals 'a\u{0}' must be text of at most 1024 bytes without control characters") {
            $0.header?.test = .equals("a\u{0}")
        },
        .rule("cookie.regex '(' must be a valid regular expression of 1 to 256 bytes") {
            $0.cookie?.test = .regex("(")
        },
        .rule("method has 'get'; allowed are GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS") { $0.methods = ["get"] },
        .rule(
            "pathPrefix 'shop' must be a path that starts with '/', without query, fragment, spaces and control "
                + "characters"
        ) { $0.pathPrefix = "shop" },
        .rule("pathRegex '[' must be a valid regular expression of 1 to 256 bytes") { $0.pathRegex = "[" },
        .rule("release 'canidate' is unknown; did you mean 'candidate'?") { $0.release = .named("canidate") },
        .rule(
            "release 'abc' must be 'candidate', 'baseline', or 4 to 71 characters of a commit or digest"
        ) { $0.release = .named("abc") },
    ]

    static let ofHealthAndMirror = [
        Mistake.service(": health.active.path 'ok' must start with '/' or be empty") { $0.health.active.path = "ok" },
        .service(": health.active.interval is 0.0 s; 0.1 to 3600.0 s is allowed") { $0.health.active.interval = .zero },
        .service(": health.active.timeout is 601.0 s; 0.01 to 600.0 s is allowed") {
            $0.health.active.timeout = .seconds(601)
        },
        .service(": health.active.healthyAfter is 0; 1 to 100 is allowed") { $0.health.active.healthyAfter = 0 },
        .service(": health.active.unhealthyAfter is 101; 1 to 100 is allowed") {
            $0.health.active.unhealthyAfter = 101
        },
        .service(": health.passive.consecutiveFailures is -1; 0 to 1000 is allowed") {
            $0.health.passive.consecutiveFailures = -1
        },
        .service(": health.passive.minimumRequests is 0; 1 to 1000000 is allowed") {
            $0.health.passive.minimumRequests = 0
        },
        .service(": health.passive.window is 0.0 s; 0.1 to 86400.0 s is allowed") { $0.health.passive.window = .zero },
        .service(": health.passive.ejectFor is 301.0 s, longer than maxEjectFor, 300.0 s") {
            $0.health.passive.ejectFor = .seconds(301)
        },
        .service(": health.slowStart is -1.0 s; 0.0 to 3600.0 s is allowed") { $0.health.slowStart = .seconds(-1) },
        .service(": mirror.to bbbbbbbbbbbb is none of the service's releases in this table") {
            $0.releases.removeLast()
        },
        .service(": mirror.to bbbbbbbbbbbb has 1 basis points of traffic; mirror to a release with share 0") {
            $0.releases[0].shareBasisPoints = Share(clamping: 9_999)
            $0.releases[1].shareBasisPoints = Share(clamping: 1)
        },
        .service(": mirror.methods has 'get'; allowed are GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS") {
            $0.mirror?.methods = ["get"]
        },
        .service(": mirror.maxBodyBytes is 1048577; 0 to 1048576 is allowed") { $0.mirror?.maxBodyBytes = 1_048_577 },
        .service(": mirror.maxQueued is 0; 1 to 100000 is allowed") { $0.mirror?.maxQueued = 0 },
        .service(": mirror.compare.headers[1] 'a b' must be the name of a header") {
            $0.mirror?.compare?.headers = ["a", "a b"]
        },
        .service(": mirror.compare.ignore[0] 'id' must be a JSON pointer, such as /items/0/price") {
            $0.mirror?.compare?.ignore = ["id"]
        },
        .service(": mirror.compare.maxBodyBytes is -1; 0 to 16777216 is allowed") {
            $0.mirror?.compare?.maxBodyBytes = -1
        },
    ]

    @Test(arguments: ofTable + ofService + ofRule + ofHealthAndMirror) func theTableIsRefused(mistake: Mistake) throws {
        var table = try TableFixture.table()
        mistake.make(&table)
        #expect(refusal(table) == mistake.words)
    }

    /// A second service, right in itself, does not help.
    @Test func aWrongPartElsewhereIsNamed() throws {
        var table = try TableFixture.table()
        var other = table.services[0]
        other.name = try #require(ServiceName("other"))
        other.rules.append(RouteRule(methods: ["GET"], pathRegex: "(", release: .baseline))
        table.services.append(other)
        #expect(
            refusal(table)
                == "service 'other', rules[1]: pathRegex '(' must be a valid regular expression of 1 to 256 bytes")
    }
}
