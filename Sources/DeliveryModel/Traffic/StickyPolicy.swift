/// By what a person is known, so that each stays with one release. JSON form: `{"by": "cookie"}` or `{"by": "header",
/// "header": "x-user-id"}`.
public enum StickyPolicy: Sendable, Equatable {
    /// The cookie `nonevent-key`, set by the router while more than one release has a share.
    case cookie
    /// The value of that header; requests without it are split by chance.
    case header(String)
}

extension StickyPolicy: Codable {
    private enum CodingKeys: String, CodingKey { case by, header }
    enum Means: String, Codable, CaseIterable { case cookie, header }

    public init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        let header = try values.decodeIfPresent(String.self, forKey: .header)
        switch (try values.value(.by, or: header == nil ? Means.cookie : .header), header) {
        case (.cookie, nil): self = .cookie
        case (.header, let name?): self = .header(name)
        case (.cookie, _?): throw values.mistake(.header, "'header' has a meaning only with by 'header'")
        case (.header, nil): throw values.mistake(.header, "by 'header' needs the name of a header in 'header'")
        }
    }

    public func encode(to encoder: any Encoder) throws {
        var values = encoder.container(keyedBy: CodingKeys.self)
        switch self {
        case .cookie: try values.encode(Means.cookie, forKey: .by)
        case .header(let name):
            try values.encode(Means.header, forKey: .by)
            try values.encode(name, forKey: .header)
        }
    }
}
