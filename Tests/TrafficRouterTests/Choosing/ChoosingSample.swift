import DeliveryModel
import Testing

@testable import TrafficRouter

/// Requests and services that the tests of choosing share.
enum ChoosingSample {
    static func digest(_ digit: Character) throws -> ReleaseDigest {
        try #require(ReleaseDigest(String(repeating: digit, count: 64)))
    }

    static func name(_ text: String = "shop") throws -> ServiceName { try #require(ServiceName(text)) }

    static func release(
        _ digit: Character, _ share: Int, salt: String = "", role: ReleaseRole? = nil, commit: String = "",
        instances: Int = 1, draining: Int = 0
    ) throws -> RoutedRelease {
        RoutedRelease(
            digest: try digest(digit), commit: commit, shareBasisPoints: Share(clamping: share), salt: salt, role: role,
            instances: (0..<instances + draining).map {
                RoutedInstance(id: "\($0)", port: 1 + $0, draining: $0 >= instances)
            })
    }

    /// A baseline of digits `a` and a candidate of digits `f`, which has the rest.
    static func pair(
        candidate: Int, digit: Character = "f", roles: Bool = true, instances: Int = 1
    ) throws -> [RoutedRelease] {
        [
            try release("a", 10_000 - candidate, role: roles ? .baseline : nil, commit: "0ld0ld"),
            try release(
                digit, candidate, salt: String(repeating: digit, count: 12), role: roles ? .candidate : nil,
                commit: "beef1234", instances: instances),
        ]
    }

    static func service(
        _ releases: [RoutedRelease], sticky: StickyPolicy = .cookie, rules: [RouteRule] = [],
        preview: PreviewPolicy = .nobody, previewFrom: [AddressRange] = []
    ) throws -> RoutedService {
        RoutedService(
            name: try name(), preview: preview, previewFrom: previewFrom, sticky: sticky, rules: rules,
            releases: releases)
    }

    /// - Parameter start: method and target.
    static func head(_ start: String = "GET /", host: String = "shop.test", _ fields: [String] = []) throws
        -> RequestHead
    {
        let lines = ["\(start) HTTP/1.1", "Host: \(host)"] + fields
        let head = RequestHead()
        try head.parse(Array((lines.joined(separator: "\r\n") + "\r\n\r\n").utf8).span, limits: HeadLimits())
        return head
    }

    static func cookie(_ value: String?) throws -> RequestHead {
        try head("GET /", value.map { ["Cookie: a=b; \(RouterNames.keyCookie)=\($0)"] } ?? [])
    }

    /// 32 digits made of a number.
    static func key(_ number: UInt64) -> PersonKey {
        var random = SeededRandom(seed: number)
        return PersonKey((random.next(), random.next()))
    }
}
