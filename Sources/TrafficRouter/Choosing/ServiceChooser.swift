import DeliveryModel

/// Chooses a release of one service for each request; made anew with each table, one for each event loop.
///
/// In this order: the release that the client names, if it may; the first rule that applies; the split. Apart from the
/// key that is drawn, what is chosen depends on request and table only. Nothing is allocated but for a refusal's text.
///
/// A class, so that a request holds on to one object and not to each of its parts.
final class ServiceChooser {
    private let service: RoutedService
    private let explicit: ExplicitRelease
    /// `nil`: none of them can apply.
    private let rules: CompiledRules?
    private let sticky: StickySplit

    init(service: RoutedService) {
        self.service = service
        explicit = ExplicitRelease(service)
        sticky = StickySplit(service)
        let rules = service.rules.isEmpty ? nil : CompiledRules(service)
        self.rules = rules?.isEmpty == true ? nil : rules
    }

    /// - Parameters:
    ///   - peer: the client's address; `nil`: unknown, so that it may preview only where anyone may.
    ///   - drawKey: 128 random bits; called only for a request that brings no key where people are told apart.
    func choose(head: RequestHead, peer: IPAddress?, drawKey: () -> (UInt64, UInt64)) -> Choice {
        let mayName = peer.map { service.mayPreview(from: $0) } ?? (service.preview == .anyone)
        if mayName {
            switch explicit.wish(head) {
            case .none: break
            case .release(let index):
                return .release(index: index, how: .named, isCounted: false, setCookie: nil, mayName: true)
            case .refused(let text): return .refuse(status: 404, text: text)
            }
        }
        if let rule = rules?.first(head, peer) {
            return .release(
                index: rule.release, how: .rule(rule.name), isCounted: rule.isCounted, setCookie: nil, mayName: mayName)
        }
        guard let decision = sticky.decide(head, drawKey: drawKey) else { return .nothing }
        return .release(
            index: decision.release, how: sticky.isSplit ? .split : .only, isCounted: true, setCookie: decision.cookie,
            mayName: mayName)
    }
}
