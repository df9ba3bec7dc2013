import DeliveryModel

/// Where a request goes.
enum RouteDecision {
    case release(RouteChoice)
    case refuse(Refusal)
}

struct RouteChoice {
    let service: LiveService
    let release: LiveRelease
    /// Named by the client.
    let isNamed: Bool
    /// Whether the answer counts for the release: the judge compares what the split sent.
    let isCounted: Bool
    /// To be set as the person's cookie.
    let newCookie: StickyCookie?
    /// Whether the client may name releases here, so that its wish may go on to the instance.
    let mayName: Bool

    /// The same for the baseline, which does not answer for its own share here.
    func rescued(by baseline: LiveRelease) -> RouteChoice {
        RouteChoice(
            service: service, release: baseline, isNamed: false, isCounted: false, newCookie: newCookie,
            mayName: mayName)
    }
}

extension Worker {
    /// Chooses service and release by the table in force.
    func decide(_ head: RequestHead, _ peer: PeerAddress) -> RouteDecision {
        guard let index = table.matching.service(head) else {
            if table.generation == 0, table.services.isEmpty { return .refuse(.noTable) }
            unmatched += 1
            return .refuse(Refusal(status: 404, text: RouteMatching.unmatched(head)))
        }
        let service = table.services[index]
        switch service.chooser.choose(head: head, peer: peer.address, drawKey: drawKey) {
        case .release(let index, let how, let isCounted, let cookie, let mayName):
            return .release(
                RouteChoice(
                    service: service, release: service.releases[index], isNamed: how == .named, isCounted: isCounted,
                    newCookie: cookie, mayName: mayName))
        case .refuse(let status, let text):
            return .refuse(Refusal(status: status, text: text))
        case .nothing:
            return .refuse(
                Refusal(
                    status: 503, text: "no release of service '\(service.routed.name)' takes traffic now",
                    retryAfter: 1))
        }
    }
}
