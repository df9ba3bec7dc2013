import DeliveryModel

/// Where the split sends a person, and what the person's cookie must say from now on.
struct StickyDecision: Equatable {
    /// Position of the release in the table.
    let release: Int
    /// `nil`: what the client has is right, or it needs none.
    var cookie: StickyCookie?
}

/// The split of a service, with what keeps each person at one release.
///
/// By cookie: the key decides, unless the cookie says that the split once sent this person to the release that is the
/// candidate now. While that one has a share and instances, the person stays with it even when its share is lowered, so
/// nobody goes back and forth. What the cookie says of another release, or of one without a share, counts for nothing:
/// nobody can name a release that serves nobody.
///
/// By header: its value decides, and nothing is remembered. A request without it is split by chance.
struct StickySplit {
    private let split: TrafficSplit
    /// By which header in small letters; `nil`: by cookie.
    private let header: [UInt8]?
    private let cookie = Array(RouterNames.keyCookie.utf8)
    /// The candidate, while people may be kept at it.
    private let candidate: Candidate?

    private struct Candidate {
        let index: Int
        let mark: ReleaseMark
    }

    init(_ service: RoutedService) {
        split = TrafficSplit(releases: service.releases)
        switch service.sticky {
        case .cookie: header = nil
        case .header(let name): header = name.utf8.map(\.lowercased)
        }
        candidate = service.candidateIndex.flatMap { index in
            let release = service.releases[index]
            guard release.shareBasisPoints > .none, release.takesRequests else { return nil }
            return Candidate(index: index, mark: ReleaseMark(release.digest))
        }
    }

    /// Whether more than one release has a share.
    var isSplit: Bool { split.needsKey }

    /// Whether people are told apart: when more than one release has a share, and when the candidate has all of it,
    /// since its share may fall again.
    var isNeeded: Bool { split.needsKey || (header == nil && candidate != nil) }

    /// - Parameter drawKey: 128 random bits; called only for a request that brings no key.
    /// - Returns: `nil` when no release has a share.
    func decide(_ head: RequestHead, drawKey: () -> (UInt64, UInt64)) -> StickyDecision? {
        guard isNeeded else { return split.only.map { StickyDecision(release: $0) } }
        if let header { return decide(header, head, drawKey).map { StickyDecision(release: $0) } }
        let given = head.firstCookie(named: cookie) { StickyCookie($0, $1) }
        if let candidate, given?.seen == candidate.mark { return StickyDecision(release: candidate.index) }
        let key = given?.key ?? PersonKey(drawKey())
        guard let release = split.release(key: key) else { return nil }
        if let candidate, release == candidate.index {
            return StickyDecision(release: release, cookie: StickyCookie(key: key, seen: candidate.mark))
        }
        return StickyDecision(release: release, cookie: given == nil ? StickyCookie(key: key) : nil)
    }

    private func decide(_ header: [UInt8], _ head: RequestHead, _ drawKey: () -> (UInt64, UInt64)) -> Int? {
        // An empty value would make one person of all who send it.
        guard let value = head.value(named: header), !value.isEmpty else {
            return split.release(key: PersonKey(drawKey()))
        }
        let bytes = head.bytes
        return split.release(key: bytes.span.extracting(value))
    }
}
