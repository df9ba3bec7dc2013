import DeliveryModel

/// A release that the client names itself, by header or else by cookie. Only for those who may preview.
struct ExplicitRelease {
    enum Wish {
        case none
        /// Position of the release in the table.
        case release(Int)
        /// What is answered with 404: a header is meant for this very request, so that another release's answer would
        /// mislead. A cookie may be left over from long ago.
        case refused(String)
    }

    private let names: ReleaseNames
    private let service: ServiceName
    private let cookie = Array(RouterNames.releaseHeader.utf8)

    init(_ service: RoutedService) {
        names = ReleaseNames(service.releases)
        self.service = service.name
    }

    func wish(_ head: RequestHead) -> Wish {
        if let value = head.first(.nonEventRelease) {
            let bytes = head.bytes
            switch names.match(bytes.span.extracting(value)) {
            case .found(let index): return .release(index)
            case .unknown: return .refused(unknown)
            case .ambiguous: return .refused(ambiguous)
            }
        }
        let index = head.firstCookie(named: cookie) { bytes, value in names.match(bytes.extracting(value)).index }
        return index.map(Wish.release) ?? .none
    }

    private var unknown: String {
        "no release of service '\(service)' with running instances starts with the \(RouterNames.releaseHeader) given; "
            + "name at least \(ReleaseNames.minimumPrefix) characters of a commit or digest"
    }

    private var ambiguous: String {
        "several releases of service '\(service)' start with the \(RouterNames.releaseHeader) given; "
            + "name more characters"
    }
}
