import DeliveryModel

/// Which release a person gets, as a pure function of the shares and the person's key.
///
/// Releases are laid on the buckets 0 to 9,999 one after the other: those with a salt (the candidate) first, by digest,
/// then the others by digest. A person's bucket does not depend on the shares, so everyone who got the candidate still
/// gets it when its share grows.
struct TrafficSplit: Sendable, Equatable {
    /// Positions in the table's list of releases, with the first bucket past each.
    private let segments: [Segment]
    private let salted: SplitHash

    private struct Segment: Sendable, Equatable {
        let release: Int
        let end: Int
    }

    init(releases: [RoutedRelease]) {
        let order = releases.indices.sorted { left, right in
            let (leftSalted, rightSalted) = (!releases[left].salt.isEmpty, !releases[right].salt.isEmpty)
            if leftSalted != rightSalted { return leftSalted }
            return releases[left].digest < releases[right].digest
        }
        var end = 0
        var segments: [Segment] = []
        for index in order where releases[index].shareBasisPoints > .none {
            end += releases[index].shareBasisPoints.basisPoints
            segments.append(Segment(release: index, end: end))
        }
        self.segments = segments
        salted = SplitHash(salt: order.first.map { releases[$0].salt } ?? "")
    }

    /// Whether people must be told apart at all.
    var needsKey: Bool { segments.count > 1 }

    /// The release that gets everything; `nil` when none has a share.
    var only: Int? { segments.first?.release }

    /// - Returns: position of the release in the table; `nil` when none has a share.
    func release(key: Span<UInt8>) -> Int? { needsKey ? release(bucket: salted.bucket(of: key)) : only }

    /// - Returns: the same for the key as it is written.
    func release(key: PersonKey) -> Int? { needsKey ? release(bucket: salted.bucket(of: key)) : only }

    private func release(bucket: Int) -> Int? {
        for segment in segments where bucket < segment.end { return segment.release }
        return segments.last?.release
    }
}
