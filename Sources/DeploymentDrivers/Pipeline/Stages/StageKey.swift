import DeliveryModel

/// What a stage's result depends on, as one digest.
enum StageKey {
    /// Changes when the same inputs would have to be run again, for instance because stages get another environment.
    private static let version = "nonevent-stage-1"

    /// - Parameter files: all files of the commit.
    /// - Throws: `.refused` for a pattern that is none.
    static func key(of plan: StagePlan, files: [GitFile]) throws(DriverError) -> String {
        var digest = ContentDigest()
        digest.add(version)
        digest.add(plan.service.text)
        digest.add(plan.stage)
        digest.add(plan.directory)
        switch plan.command {
        case .shell(let text):
            digest.add("shell")
            digest.add(text)
        case .program(let words):
            digest.add("program \(words.count)")
            for word in words { digest.add(word) }
        }
        digest.add("environment \(plan.environment.count)")
        for (name, value) in plan.environment.sorted(by: { $0.key < $1.key }) {
            digest.add(name)
            digest.add(value)
        }
        for name in plan.secrets.sorted() { digest.add("secret \(name)") }
        for key in plan.restored { digest.add("stage \(key)") }
        for path in (plan.cache?.paths ?? []).sorted() { digest.add("path \(path)") }
        digest.add("junit \(plan.junit ?? "")")
        let chosen = try matching(files, plan)
        digest.add("files \(chosen.count)")
        for file in chosen {
            digest.add(file.path)
            digest.add("\(file.kind)")
            digest.add(file.object)
        }
        return digest.hexadecimal()
    }

    private static func matching(_ files: [GitFile], _ plan: StagePlan) throws(DriverError) -> [GitFile] {
        let prefix = plan.directory.isEmpty ? "" : plan.directory + "/"
        let inside = files.filter { $0.path.hasPrefix(prefix) }
        let texts = plan.cache?.key ?? []
        guard !texts.isEmpty else { return inside }
        var patterns: [PathPattern] = []
        for text in texts {
            guard let pattern = PathPattern(text) else {
                throw DriverError(
                    .refused,
                    "cache.key of stage \(plan.stage): '\(text)' is no pattern of paths below the service file")
            }
            patterns.append(pattern)
        }
        return inside.filter { file in
            let path = String(file.path.dropFirst(prefix.count))
            return patterns.contains { $0.matches(path) }
        }
    }
}
