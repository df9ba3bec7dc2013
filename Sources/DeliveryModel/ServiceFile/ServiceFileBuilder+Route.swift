extension RouteSpecification {
    /// - Parameter tree: what stands under `route`, read by the table of keys without a problem.
    init(_ tree: ServiceFileTree) {
        self.init()
        hosts = tree.texts("hosts") ?? hosts
        paths = tree.texts("paths") ?? paths
        preview = tree.text("preview").flatMap(PreviewPolicy.init(rawValue:)) ?? preview
        previewFrom = tree.texts("previewFrom")?.compactMap(AddressRange.init(_:)) ?? previewFrom
        instanceProtocol = tree.text("protocol").flatMap(InstanceProtocol.init(rawValue:)) ?? instanceProtocol
        sticky = tree.text("sticky.header").map(StickyPolicy.header) ?? sticky
        rules = tree.entries("rules")?.compactMap(RouteRule.init(_:)) ?? rules
        rescue = tree["rescue"].map(RescuePolicy.init(_:)) ?? rescue
        health = tree["health"].map(HealthPolicy.init(_:)) ?? health
        mirror = tree["mirror"].flatMap(MirrorSpecification.init(_:))
        timeouts = UpstreamTimeouts(
            connect: tree.duration("timeouts.connect"), response: tree.duration("timeouts.response"),
            stream: tree.duration("timeouts.stream"))
        if let certificate = tree.text("tls.certificate"), let key = tree.text("tls.key") {
            tls = CertificateSpecification(certificate: certificate, key: key)
        }
    }
}

extension RouteRule {
    init?(_ tree: ServiceFileTree) {
        guard let release = tree.text("release") else { return nil }
        self.init(release: ReleaseSelector(release))
        name = tree.text("name") ?? name
        header = tree["header"].flatMap(FieldCondition.init(_:))
        cookie = tree["cookie"].flatMap(FieldCondition.init(_:))
        query = tree["query"].flatMap(FieldCondition.init(_:))
        methods = tree.texts("method") ?? methods
        pathPrefix = tree.text("pathPrefix")
        pathRegex = tree.text("pathRegex")
        source = tree.texts("source")?.compactMap(AddressRange.init(_:)) ?? source
        counted = tree.flag("counted") ?? counted
    }
}

extension FieldCondition {
    init?(_ tree: ServiceFileTree) {
        let tests = [
            tree.text("equals").map(Test.equals), tree.text("prefix").map(Test.prefix),
            tree.text("regex").map(Test.regex), tree.flag("present").map(Test.present),
        ]
        guard let name = tree.text("name"), let test = tests.compactMap({ $0 }).first else { return nil }
        self.init(name: name, test)
    }
}

extension RescuePolicy {
    init(_ tree: ServiceFileTree) {
        self.init()
        if case .flag(let written) = tree { enabled = written }
        deadline = tree.duration("deadline") ?? deadline
        maxBodyBytes = tree.integer("maxBody") ?? maxBodyBytes
        budgetBasisPoints = tree.share("budget") ?? budgetBasisPoints
    }
}

extension HealthPolicy {
    init(_ tree: ServiceFileTree) {
        self.init()
        active.path = tree.text("active.path") ?? active.path
        active.interval = tree.duration("active.interval") ?? active.interval
        active.timeout = tree.duration("active.timeout") ?? active.timeout
        active.jitterBasisPoints = tree.share("active.jitter") ?? active.jitterBasisPoints
        active.healthyAfter = tree.integer("active.healthyAfter") ?? active.healthyAfter
        active.unhealthyAfter = tree.integer("active.unhealthyAfter") ?? active.unhealthyAfter
        if let written = tree["passive"] { passive = PassiveHealth(written) }
        slowStart = tree.duration("slowStart") ?? slowStart
        panicBasisPoints = tree.share("panic") ?? panicBasisPoints
    }
}

extension PassiveHealth {
    init(_ tree: ServiceFileTree) {
        self.init()
        if case .flag(false) = tree { self = .off }
        consecutiveFailures = tree.integer("consecutiveFailures") ?? consecutiveFailures
        errorShareBasisPoints = tree.share("errorShare") ?? errorShareBasisPoints
        minimumRequests = tree.integer("minimumRequests") ?? minimumRequests
        window = tree.duration("window") ?? window
        ejectFor = tree.duration("ejectFor") ?? ejectFor
        maxEjectFor = tree.duration("maxEjectFor") ?? maxEjectFor
        // One of the two may be written against the other's default.
        if tree.duration("ejectFor") == nil { ejectFor = min(ejectFor, maxEjectFor) }
        maxEjectFor = max(maxEjectFor, ejectFor)
    }
}

extension MirrorSpecification {
    init?(_ tree: ServiceFileTree) {
        guard let share = tree.share("share") else { return nil }
        self.init(share: share)
        time = tree.duration("for") ?? time
        methods = tree.texts("methods") ?? methods
        maxBodyBytes = tree.integer("maxBody") ?? maxBodyBytes
        if case .flag(false) = tree["compare"] { compare = nil }
        compare?.status = tree.flag("compare.status") ?? true
        compare?.headers = tree.texts("compare.headers") ?? []
        compare?.json = tree.flag("compare.json") ?? true
        compare?.ignore = tree.texts("compare.ignore") ?? []
        compare?.noiseShareBasisPoints = tree.share("compare.noise") ?? MirrorComparison().noiseShareBasisPoints
    }
}
