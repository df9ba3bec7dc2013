import DeliveryModel

/// A release named by the client instead of chosen by the split.
enum ExplicitRelease {
    /// Shorter prefixes are ignored as ambiguous by nature.
    static let minimumPrefix = 4

    enum Match: Equatable {
        /// Position in the list of releases.
        case found(Int)
        case unknown
        case ambiguous
    }

    /// Finds the release whose commit or digest starts with `wish`, among those that have an instance taking requests.
    static func match(_ wish: some StringProtocol, in releases: [RoutedRelease]) -> Match {
        let text = wish.hasPrefix("sha256:") ? wish.dropFirst(7) : wish[...]
        guard text.utf8.count >= minimumPrefix else { return .unknown }
        var found: Int?
        for (index, release) in releases.enumerated() {
            guard release.digest.hex.hasPrefix(text) || release.commit.hasPrefix(text) else { continue }
            guard release.instances.contains(where: { !$0.draining }) else { continue }
            if found != nil { return .ambiguous }
            found = index
        }
        return found.map(Match.found) ?? .unknown
    }
}
