import DeliveryModel

/// A service's rules as one event loop uses them, made anew with each table.
///
/// Left out are rules that can send nobody anywhere as long as this table is in force: without a release in it that has
/// an instance taking requests, or with a regular expression that is not known.
final class CompiledRules {
    private let rules: [CompiledRule]
    private var decoded: [UInt8] = []

    init(_ service: RoutedService) {
        let names = ReleaseNames(service.releases)
        rules = service.rules.compactMap { rule in
            let index: Int? =
                switch rule.release {
                case .candidate: service.candidateIndex
                case .baseline: service.baselineIndex
                case .named(let text): names.match(Array(text.utf8).span).index
                }
            guard let index, service.releases[index].takesRequests else { return nil }
            return try? CompiledRule(rule, release: index)
        }
    }

    var isEmpty: Bool { rules.isEmpty }

    /// The first rule that applies.
    func first(_ head: RequestHead, _ peer: IPAddress?) -> CompiledRule? {
        for rule in rules where rule.applies(to: head, peer, decoded: &decoded) { return rule }
        return nil
    }
}

extension RoutedRelease {
    /// Whether an instance of it takes new requests.
    var takesRequests: Bool { instances.contains { !$0.draining } }
}
