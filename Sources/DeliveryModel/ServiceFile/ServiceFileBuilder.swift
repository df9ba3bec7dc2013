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
        verify.smoke = tree.entries("verify.smoke")?.compactMap(SmokeCheck.init(_:)) ?? []
        let nothing = ServiceFileTree.mapping([:])
        route = RouteSpecification(tree["route"] ?? nothing)
        rollout = RolloutSpecification(tree["rollout"] ?? nothing)
        slo = ObjectiveSpecification(tree["slo"] ?? nothing)
        judge = JudgeSpecification(tree["judge"] ?? nothing)
        retention.releases = tree.integer("retention.releases") ?? retention.releases
        pipeline = PipelineSpecification(tree["pipeline"] ?? nothing)
        deploy = DeploySpecification(tree["deploy"] ?? nothing)
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
}

extension RolloutSpecification {
    /// - Parameter tree: what stands under `rollout`.
    init(_ tree: ServiceFileTree) {
        self.init()
        if let written = tree.entries("steps") {
            steps = .fixed(
                written.compactMap { step in
                    guard case .share(let share) = step else { return nil }
                    return share
                })
        }
        hold = tree.duration("hold") ?? hold
        soak = tree.duration("soak") ?? soak
        undo.keepWarm = tree.duration("undo.keepWarm") ?? undo.keepWarm
    }
}

extension ObjectiveSpecification {
    /// - Parameter tree: what stands under `slo`.
    init(_ tree: ServiceFileTree) {
        self.init()
        availability = tree.number("availability") ?? availability
        latency = (tree.mapping("latency") ?? [:]).compactMapValues { value in
            guard case .duration(let limit) = value else { return nil }
            // Divided, not multiplied by 1e-18, so that 300 ms is the same number as 0.3.
            return Double(limit.components.seconds) + Double(limit.components.attoseconds) / 1e18
        }
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
