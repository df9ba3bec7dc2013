extension ServiceSpecification {
    /// - Parameter tree: read by the table of keys without a problem, so that all that is required is there.
    /// - Returns: `nil` when `tree` lacks a required key.
    init?(_ tree: ServiceFileTree) {
        guard let service = tree.text("service").flatMap(ServiceName.init(_:)), let command = tree.texts("run.command")
        else { return nil }
        self.init(service: service, run: RunSpecification(command: command), route: RouteSpecification())
        applyRun(tree)
        artifact.include = tree.texts("artifact.include") ?? artifact.include
        artifact.config = tree.texts("artifact.config") ?? artifact.config
        route.hosts = tree.texts("route.hosts") ?? route.hosts
        route.paths = tree.texts("route.paths") ?? route.paths
        route.preview = tree.text("route.preview").flatMap(PreviewPolicy.init(rawValue:)) ?? route.preview
        verify.smoke = tree.entries("verify.smoke")?.compactMap(SmokeCheck.init(_:)) ?? []
        applyRollout(tree)
        slo.availability = tree.number("slo.availability") ?? slo.availability
        slo.latency = (tree.mapping("slo.latency") ?? [:]).compactMapValues { value in
            guard case .duration(let limit) = value else { return nil }
            // Divided, not multiplied by 1e-18, so that 300 ms is the same number as 0.3.
            return Double(limit.components.seconds) + Double(limit.components.attoseconds) / 1e18
        }
        judge.limit = tree.duration("judge.limit") ?? judge.limit
        judge.onInconclusive =
            tree.text("judge.onInconclusive").flatMap(InconclusivePolicy.init(rawValue:)) ?? judge.onInconclusive
        judge.dispersion = tree.number("judge.dispersion")
        retention.releases = tree.integer("retention.releases") ?? retention.releases
    }

    private mutating func applyRun(_ tree: ServiceFileTree) {
        run.instances = tree.integer("run.instances") ?? run.instances
        run.environment = (tree.mapping("run.environment") ?? [:]).compactMapValues { value in
            guard case .text(let text) = value else { return nil }
            return text
        }
        run.ready.path = tree.text("run.ready.path") ?? run.ready.path
        run.ready.within = tree.duration("run.ready.within") ?? run.ready.within
        run.stop.grace = tree.duration("run.stop.grace") ?? run.stop.grace
    }

    private mutating func applyRollout(_ tree: ServiceFileTree) {
        if let steps = tree.entries("rollout.steps") {
            rollout.steps = .fixed(
                steps.compactMap { step in
                    guard case .share(let share) = step else { return nil }
                    return share
                })
        }
        rollout.hold = tree.duration("rollout.hold") ?? rollout.hold
        rollout.soak = tree.duration("rollout.soak") ?? rollout.soak
        rollout.undo.keepWarm = tree.duration("rollout.undo.keepWarm") ?? rollout.undo.keepWarm
    }
}

extension SmokeCheck {
    init?(_ tree: ServiceFileTree) {
        guard let path = tree.text("path") else { return nil }
        self.init(path: path)
        method = tree.text("method") ?? method
        status = tree.integer("status") ?? status
        contains = tree.text("contains") ?? contains
        within = tree.duration("within") ?? within
    }
}
