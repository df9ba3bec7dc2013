import DeliveryModel

/// Which release a person gets, as a pure function of the shares and the person's key.
///
/// Releases are laid on the buckets 0 to 9,999 one after the other: those with a salt (the candidate) first, by digest,
/// then the others
/// by digest. A person's bucket does not depend on the shares, so everyone who got the candidate still gets it when its
/// share grows.
struct TrafficSplit: Sendable, Equatable {
    /// Positions in the table's list of releases, with the first bucket past each.
    private let segments: [Segment]
    private let salt: String

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
        salt = order.first.map { releases[$0].salt } ?? ""
    }

    /// Whether people must be told apart at all.
    var needsKey: Bool { segments.count > 1 }

    /// The release that gets everything; `nil` when none has a share.
    var only: Int? { segments.first?.release }

    /// - Returns: position of the release in the table; `nil` when none has a share.
    func release(key: some StringProtocol) -> Int? {
        guard needsKey else { return only }
        let bucket = SplitHash.bucket(salt: salt, key: key)
        for segment in segments where bucket < segment.end { return segment.release }
        return segments.last?.release
    }
}

/// The hash of the split; fixed for ever, since a change would move people between releases.
///
/// FNV-1a, 64 bits (http://www.isthe.com/chongo/tech/comp/fnv/), over the UTF-8 bytes of the salt and then of the key,
/// followed by the
/// finaliser `fmix64` of MurmurHash3, because the low bits of FNV-1a alone are poorly mixed for short, similar keys.
enum SplitHash {
    static func bucket(salt: some StringProtocol, key: some StringProtocol) -> Int {
        Int(hash(salt: salt, key: key) % 10_000)
    }

    static func hash(salt: some StringProtocol, key: some StringProtocol) -> UInt64 {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in salt.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
        for byte in key.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
        hash = (hash ^ (hash >> 33)) &* 0xff51_afd7_ed55_8ccd
        hash = (hash ^ (hash >> 33)) &* 0xc4ce_b9fe_1a85_ec53
        return hash ^ (hash >> 33)
    }
}
