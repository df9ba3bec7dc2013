/// What `router.yaml` says: the settings of the whole router, which are no service's own.
public struct RouterSettings: Sendable, Equatable {
    /// Whose `Forwarded`, `X-Forwarded-*` and PROXY protocol are believed; default: this machine's.
    public var trustedProxies: [AddressRange]
    /// What is not set has the router's default.
    public var limits: TrafficLimits
    /// `nil`: none is written.
    public var accessLog: AccessLog?

    /// Everything by default, as without a file.
    public init(
        trustedProxies: [AddressRange] = AddressRange.loopback, limits: TrafficLimits = .init(),
        accessLog: AccessLog? = nil
    ) {
        self.trustedProxies = trustedProxies
        self.limits = limits
        self.accessLog = accessLog
    }

    /// - Parameters:
    ///   - bytes: UTF-8, at most ``ServiceFileLimits/fileBytes``. An empty file is a mistake, an empty mapping (`{}`)
    ///     gives the defaults.
    ///   - file: the name that problems show.
    /// - Throws: ``ServiceFileError`` with all problems, not only the first.
    public init(parsing bytes: [UInt8], file: String) throws(ServiceFileError) {
        let root = try ServiceFileDocument.root(
            bytes, file: file,
            least: "'trustedProxies', 'limits' or 'accessLog'; without a file everything has its default")
        var reader = ServiceFileReader(file: file)
        let tree = reader.read(root, as: .mapping(ServiceFileKey.routerSettings), at: "")
        guard reader.problems.isEmpty, let tree else { throw ServiceFileError(problems: reader.problems) }
        self.init(tree)
    }

    private init(_ tree: ServiceFileTree) {
        self.init()
        trustedProxies = tree.texts("trustedProxies")?.compactMap(AddressRange.init(_:)) ?? trustedProxies
        for field in TrafficLimits.countFields { limits[keyPath: field.path] = tree.integer("limits.\(field.name)") }
        for field in TrafficLimits.timeFields { limits[keyPath: field.path] = tree.duration("limits.\(field.name)") }
        guard let log = tree["accessLog"] else { return }
        var wanted = AccessLog()
        wanted.file = log.text("file") ?? wanted.file
        wanted.format = log.text("format").flatMap(AccessLog.Format.init(rawValue:)) ?? wanted.format
        wanted.sampleBasisPoints = log.share("sample") ?? wanted.sampleBasisPoints
        accessLog = wanted
    }
}

extension ServiceFileKey {
    /// Every key of `router.yaml`.
    static let routerSettings: [ServiceFileKey] = [
        ServiceFileKey(
            "trustedProxies", .list(of: .text(.addressRange), count: 0...TrafficBounds.ranges),
            "Whose Forwarded, X-Forwarded-* and PROXY protocol are believed; default this machine's."),
        ServiceFileKey("limits", .mapping(limits), "The router's own where left out."),
        ServiceFileKey("accessLog", .mapping(accessLog), "One line for each request; none when left out."),
    ]

    private static let limits: [ServiceFileKey] =
        TrafficLimits.countFields.map { field in
            let value: ServiceFileValue =
                field.name.hasSuffix("Bytes") ? .size(field.range) : .integer(field.range)
            return ServiceFileKey(field.name, value, field.summary)
        } + TrafficLimits.timeFields.map { ServiceFileKey($0.name, .duration($0.range), $0.summary) }

    private static let accessLog: [ServiceFileKey] = [
        ServiceFileKey("file", .text(.logFile), "Default -: the router's own log."),
        ServiceFileKey(
            "format", .choice(AccessLog.Format.allCases.map(\.rawValue)),
            "JSON lines, or the combined log format; default json."),
        ServiceFileKey(
            "sample", .share(Share.none ... .all), "Part of requests that get a line; default 100%."),
    ]
}
