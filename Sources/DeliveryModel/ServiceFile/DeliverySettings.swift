/// What `delivery.yaml` in the data directory says: limits that hold for all services together.
public struct DeliverySettings: Sendable, Equatable, Codable {
    /// Rollouts at once, 1 to 10,000; `nil`: no limit.
    public var total: Int?
    /// Rollouts at once of services with that `deploy.group`; a group that is not named has no limit.
    public var groups: [String: Int]
    /// Pipeline runs at once, and stages of each run at once, 1 to 64; default 2.
    public var parallel: Int

    /// Everything by default, as without a file.
    public init(total: Int? = nil, groups: [String: Int] = [:], parallel: Int = 2) {
        self.total = total
        self.groups = groups
        self.parallel = parallel
    }

    /// - Parameters:
    ///   - bytes: YAML in UTF-8, at most ``ServiceFileLimits/fileBytes``. An empty file is a mistake, an empty mapping
    ///     (`{}`) gives the defaults.
    ///   - file: the name that problems show.
    /// - Throws: ``ServiceFileError`` with all problems.
    public init(parsing bytes: [UInt8], file: String) throws(ServiceFileError) {
        let root = try ServiceFileDocument.root(
            bytes, file: file, least: "'concurrency' or 'pipelines'; without limits, no file at all")
        let tree = try ServiceFileParser.read(root, as: .mapping(Self.keys), judge: nil, file: file)
        let groups = tree.mapping("concurrency.groups") ?? [:]
        self.init(
            total: tree.integer("concurrency.total"),
            groups: groups.compactMapValues { value in
                guard case .integer(let limit) = value else { return nil }
                return limit
            }, parallel: tree.integer("pipelines.parallel") ?? 2)
    }

    private static let keys: [ServiceFileKey] = [
        ServiceFileKey(
            "concurrency",
            .mapping([
                ServiceFileKey("total", .integer(1...10_000), "Rollouts at once; default: no limit."),
                ServiceFileKey(
                    "groups", .names(.group, to: .integer(1...10_000), atMost: ServiceFileLimits.entries),
                    "Rollouts at once of services with that deploy.group."),
            ]), "How many rollouts may run at once."),
        ServiceFileKey(
            "pipelines",
            .mapping([
                ServiceFileKey(
                    "parallel", .integer(1...64), "Pipeline runs at once, and stages of each run at once; default 2.")
            ]), "How much pipelines may do at once."),
    ]
}
