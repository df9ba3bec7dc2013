import DeliveryModel
import NIOHTTP1

/// What decides where a request goes.
struct RouteQuestion {
    let host: String
    let path: Substring
    /// Value of the person's cookie, or the key just drawn.
    var key: Substring?
    let releaseHeader: Substring?
    let releaseCookie: Substring?
    let isLoopback: Bool
}

/// Where a request goes.
enum RouteDecision {
    case release(RouteChoice)
    case refuse(Refusal)
}

struct RouteChoice {
    let release: LiveRelease
    /// Named by the client: left out of the release's counts, since the judge compares what the split sent.
    let isExplicit: Bool
    /// A key drawn now, to be set as a cookie.
    let newKey: String?
    /// Whether the client may name releases here, so that its wish may go on to the instance.
    let mayName: Bool
}

/// An answer of the router's own.
struct Refusal: Sendable {
    let status: HTTPResponseStatus
    let text: String
    var retryAfter = false

    static let noTable = Refusal(
        status: .serviceUnavailable, text: "the router has no table yet; the control plane has still to put one",
        retryAfter: true)

    static func noInstance(_ release: LiveRelease) -> Refusal {
        Refusal(
            status: .serviceUnavailable,
            text: "release \(release.mark) of service '\(release.service)' has no instance that takes requests",
            retryAfter: true)
    }
}

extension Worker {
    /// Chooses service and release by the table in force.
    func decide(_ question: RouteQuestion) -> RouteDecision {
        guard let index = table.matching.service(host: question.host, path: question.path) else {
            if table.generation == 0, table.services.isEmpty { return .refuse(.noTable) }
            unmatched += 1
            return .refuse(
                Refusal(status: .notFound, text: "no service is routed at \(question.host)\(question.path)"))
        }
        let service = table.services[index]
        let mayName =
            switch service.routed.preview {
            case .anyone: true
            case .loopback: question.isLoopback
            case .nobody: false
            }
        if mayName, let named = named(in: service, question) { return named }
        if !service.split.needsKey {
            guard let only = service.split.only else { return .refuse(noShare(service)) }
            return .release(
                RouteChoice(release: service.releases[only], isExplicit: false, newKey: nil, mayName: mayName))
        }
        let newKey = question.key == nil ? drawKey() : nil
        guard let chosen = service.split.release(key: question.key ?? newKey?[...] ?? "") else {
            return .refuse(noShare(service))
        }
        return .release(
            RouteChoice(release: service.releases[chosen], isExplicit: false, newKey: newKey, mayName: mayName))
    }

    private func named(in service: LiveService, _ question: RouteQuestion) -> RouteDecision? {
        if let wish = question.releaseHeader {
            switch ExplicitRelease.match(wish, in: service.routed.releases) {
            case .found(let index): return explicit(service.releases[index])
            case .unknown:
                return .refuse(
                    Refusal(
                        status: .notFound,
                        text: "no release of service '\(service.routed.name)' with running instances starts with the "
                            + "\(RouterNames.releaseHeader) given; name at least \(ExplicitRelease.minimumPrefix) "
                            + "characters of a commit or digest"))
            case .ambiguous:
                return .refuse(
                    Refusal(
                        status: .notFound,
                        text: "several releases of service '\(service.routed.name)' start with the "
                            + "\(RouterNames.releaseHeader) given; name more characters"))
            }
        }
        if let wish = question.releaseCookie,
            case .found(let index) = ExplicitRelease.match(wish, in: service.routed.releases)
        {
            return explicit(service.releases[index])
        }
        return nil
    }

    private func explicit(_ release: LiveRelease) -> RouteDecision {
        .release(RouteChoice(release: release, isExplicit: true, newKey: nil, mayName: true))
    }

    private func noShare(_ service: LiveService) -> Refusal {
        Refusal(
            status: .serviceUnavailable, text: "no release of service '\(service.routed.name)' takes traffic now",
            retryAfter: true)
    }
}
