import DeliveryModel

/// Finds releases by the beginning of their commit or digest.
struct ReleaseNames {
    /// Shorter ones are ambiguous by nature.
    static let minimumPrefix = 4

    enum Match: Equatable {
        /// Position in the list of releases.
        case found(Int)
        case unknown
        case ambiguous

        var index: Int? {
            if case .found(let index) = self { index } else { nil }
        }
    }

    private struct Name {
        let release: Int
        let digest: [UInt8]
        let commit: [UInt8]
    }

    private let names: [Name]

    /// - Parameter releases: those without an instance that takes requests cannot be named.
    init(_ releases: [RoutedRelease]) {
        names = releases.enumerated().filter { $0.element.takesRequests }.map { index, release in
            Name(release: index, digest: Array(release.digest.hex.utf8), commit: Array(release.commit.utf8))
        }
    }

    /// - Parameter wish: a commit or digest, at least the first four characters of it; a digest with or without
    ///   `sha256:`.
    func match(_ wish: Span<UInt8>) -> Match {
        let start = wish.hasBytes(of: "sha256:", at: 0) ? 7 : 0
        let text = wish.extracting(start..<wish.count)
        guard text.count >= Self.minimumPrefix else { return .unknown }
        var found: Int?
        for name in names where name.digest.span.hasBytes(text, at: 0) || name.commit.span.hasBytes(text, at: 0) {
            if found != nil { return .ambiguous }
            found = name.release
        }
        return found.map(Match.found) ?? .unknown
    }
}
