/// A part of the requests is sent a second time, to a release that serves nobody; people only get the first answer.
public struct TrafficMirror: Sendable, Equatable, Codable {
    /// The release that gets the copies.
    public var to: ReleaseDigest
    public var shareBasisPoints: Share
    /// Methods that are mirrored. Those that change something change it twice.
    public var methods: [String]
    /// Requests with a longer body are not mirrored.
    public var maxBodyBytes: Int
    /// Copies that wait or are under way at once, per event loop; past it they are dropped.
    public var maxQueued: Int
    /// `nil`: the copies' answers are thrown away.
    public var compare: MirrorComparison?

    public init(
        to: ReleaseDigest, shareBasisPoints: Share = .all, methods: [String] = RequestMethods.safe,
        maxBodyBytes: Int = 65_536, maxQueued: Int = 100, compare: MirrorComparison? = nil
    ) {
        self.to = to
        self.shareBasisPoints = shareBasisPoints
        self.methods = methods
        self.maxBodyBytes = maxBodyBytes
        self.maxQueued = maxQueued
        self.compare = compare
    }

    public init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        self.init(to: try values.decode(ReleaseDigest.self, forKey: .to))
        shareBasisPoints = try values.value(.shareBasisPoints, or: shareBasisPoints)
        methods = try values.value(.methods, or: methods)
        maxBodyBytes = try values.value(.maxBodyBytes, or: maxBodyBytes)
        maxQueued = try values.value(.maxQueued, or: maxQueued)
        compare = try values.decodeIfPresent(MirrorComparison.self, forKey: .compare)
    }
}

/// What of two answers is compared.
public struct MirrorComparison: Sendable, Equatable, Codable {
    public var status: Bool
    /// Names of headers whose values are compared.
    public var headers: [String]
    /// Whether bodies of `application/json` are compared, field by field.
    public var json: Bool
    /// Fields of JSON bodies that are left out, with all below them: JSON pointers (RFC 6901), `*` for any one name or
    /// index.
    public var ignore: [String]
    /// The part of compared requests that the baseline gets once more: what differs there is noise.
    public var noiseShareBasisPoints: Share
    /// Answers with a longer body are compared by status and headers only.
    public var maxBodyBytes: Int

    public init(
        status: Bool = true, headers: [String] = [], json: Bool = true, ignore: [String] = [],
        noiseShareBasisPoints: Share = Share(clamping: 2_500), maxBodyBytes: Int = 262_144
    ) {
        self.status = status
        self.headers = headers
        self.json = json
        self.ignore = ignore
        self.noiseShareBasisPoints = noiseShareBasisPoints
        self.maxBodyBytes = maxBodyBytes
    }

    public init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        self.init()
        status = try values.value(.status, or: status)
        headers = try values.value(.headers, or: headers)
        json = try values.value(.json, or: json)
        ignore = try values.value(.ignore, or: ignore)
        noiseShareBasisPoints = try values.value(.noiseShareBasisPoints, or: noiseShareBasisPoints)
        maxBodyBytes = try values.value(.maxBodyBytes, or: maxBodyBytes)
    }
}
