extension PipelineSpecification {
    /// - Parameter tree: what stands under `pipeline`, read without a problem.
    init(_ tree: ServiceFileTree) {
        let entries = (tree.entries("stages") ?? []).map(PipelineEntry.init(_:))
        let groups = Dictionary(
            entries.map { ($0.name, $0.stages.map(\.name)) }, uniquingKeysWith: { first, _ in first })
        var before: [String] = []
        self.init()
        for entry in entries {
            let wanted = entry.needs?.flatMap { groups[$0] ?? [$0] } ?? before
            for var stage in entry.stages {
                // A member waits for what its group waits for, and for what it names itself.
                let own = stage.needs.flatMap { groups[$0] ?? [$0] }
                stage.needs = (wanted + own).reduce(into: []) { list, name in
                    if !list.contains(name) { list.append(name) }
                }
                stage.needsAreWritten = stage.needsAreWritten || entry.needs != nil
                stages.append(stage)
            }
            before = entry.stages.map(\.name)
        }
    }
}

/// One entry of `pipeline.stages`: a stage, or a group of them.
private struct PipelineEntry {
    let name: String
    let needs: [String]?
    let stages: [StageSpecification]

    init(_ tree: ServiceFileTree) {
        name = tree.text("name") ?? ""
        needs = tree.texts("needs")
        if let members = tree.entries("parallel") {
            let group = name
            stages = members.compactMap(StageSpecification.init(_:)).map { member in
                var member = member
                member.group = group
                return member
            }
        } else {
            // Its needs are the entry's.
            stages = [StageSpecification(tree)].compactMap { stage in
                var stage = stage
                stage?.needs = []
                return stage
            }
        }
    }
}

extension StageSpecification {
    /// - Parameter tree: a stage with a command; `needs` as written, groups not taken apart.
    init?(_ tree: ServiceFileTree) {
        guard let name = tree.text("name") else { return nil }
        let command: StageCommand
        if let text = tree.text("run") {
            command = .shell(text)
        } else if let words = tree.texts("run") {
            command = .program(words)
        } else {
            return nil
        }
        self.init(name: name, run: command, needs: tree.texts("needs") ?? [])
        needsAreWritten = tree["needs"] != nil
        environment = (tree.texts("env") ?? []).map(StageVariable.init(_:))
        secrets = tree.texts("secrets") ?? secrets
        timeout = tree.duration("timeout") ?? timeout
        retries = tree.integer("retries") ?? retries
        cache = tree["cache"].map {
            StageCache(key: $0.texts("key") ?? [], paths: $0.texts("paths") ?? [])
        }
        reports.junit = tree.text("reports.junit")
    }
}

extension StageVariable {
    /// - Parameter text: `NAME=value` or `NAME`.
    init(_ text: String) {
        let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        self.init(name: parts.first.map(String.init) ?? "", value: parts.count > 1 ? String(parts[1]) : nil)
    }
}

extension DeploySpecification {
    /// - Parameter tree: what stands under `deploy`, read without a problem.
    init(_ tree: ServiceFileTree) {
        self.init()
        trunk = tree.text("trunk") ?? trunk
        auto = tree.flag("auto") ?? auto
        paths = tree.texts("paths") ?? paths
        team = tree.text("team")
        group = tree.text("group")
        supersede = tree.text("supersede").flatMap(SupersedePolicy.init(rawValue:)) ?? supersede
        freeze = (tree.entries("freeze") ?? []).compactMap(FreezeWindow.init(_:))
    }
}

extension FreezeWindow {
    init?(_ tree: ServiceFileTree) {
        guard let from = tree.text("from").flatMap(FreezeMoment.init(_:)),
            let to = tree.text("to").flatMap(FreezeMoment.init(_:))
        else { return nil }
        self.init(from: from, to: to, zone: tree.text("zone") ?? "UTC", reason: tree.text("reason") ?? "")
    }
}
