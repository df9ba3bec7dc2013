import DeliveryModel
import Glibc

/// What all attempts of a driver share.
struct StageContext: Sendable {
    let directory: String
    let executable: String
    let mirrors: GitMirrors
    let secrets: StageSecrets
    let limits: StageLimits
    let cache: StageCache

    static func isAttempt(_ name: String) -> Bool {
        (1...200).contains(name.utf8.count) && !name.hasPrefix(".")
            && name.utf8.allSatisfy { byte in
                (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte)
                    || [45, 46, 95].contains(byte)
            }
    }

    /// A mirror that has the commit: it is fetched when it has not.
    func mirror(of repository: String, with commit: String) async throws(DriverError) -> GitMirror {
        let mirror = try mirrors.mirror(of: repository)
        if mirror.exists, try await mirror.has(commit) { return mirror }
        _ = try await mirrors.fetch(repository)
        try await mirror.require(commit)
        return mirror
    }

    /// - Throws: `.refused` when the service file's directory is not in the checkout.
    static func require(_ directory: String, in tree: String, _ commit: String) throws(DriverError) {
        guard DirectoryTree.isDirectory(directory, in: tree) else {
            throw DriverError(
                .refused,
                "commit \(commit.prefix(12)) has no directory '\(GitText.plain(directory, limit: 200))', where the "
                    + "service file should be")
        }
    }

    /// What every stage gets, what the plan declares, and its secrets.
    func environment(_ plan: StagePlan, _ place: String, secrets: [String: String]) -> [String: String] {
        var variables = [
            "PATH": getenv("PATH").map { String(cString: $0) } ?? "/usr/local/bin:/usr/bin:/bin",
            "LANG": "C.UTF-8",
        ]
        variables.merge(plan.environment) { $1 }
        variables.merge(secrets) { $1 }
        let fixed = [
            "HOME": place + "/home", "CI": "true", "NONEVENT_SERVICE": plan.service.text,
            "NONEVENT_COMMIT": plan.commit, "NONEVENT_BRANCH": plan.branch, "NONEVENT_STAGE": plan.stage,
            "NONEVENT_ATTEMPT": plan.attempt, StageOrder.mark: place,
        ]
        return variables.merging(fixed) { $1 }
    }
}
