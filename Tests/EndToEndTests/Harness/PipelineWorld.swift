import Foundation

/// The parts of a pipeline run that tests look at.
struct SeenRun: Decodable {
    struct Stage: Decodable {
        struct Tests: Decodable {
            var passed: Int
            var failed: Int
            var failures: [String]
        }
        var name: String
        var state: String
        var attempts: Int
        var reason: String?
        var tests: Tests?
    }
    struct Commit: Decodable {
        var commit: String
        var subject: String
    }
    var id: String
    var service: String
    var branch: String
    var commit: String
    var state: String
    var deploys: Bool
    var actor: String
    var release: String?
    var failedStage: String?
    var why: String
    var stages: [Stage]
    var commits: [Commit]
}

struct SeenQueue: Decodable {
    struct Running: Decodable {
        var service: String
        var commit: String
    }
    struct Waiting: Decodable {
        var position: Int
        var service: String
        var commit: String
        var commits: [SeenRun.Commit]
        var priority: String
        var actor: String
        var waitsFor: [String]
        var forecastSeconds: Double?
    }
    struct Hold: Decodable {
        var service: String?
        var reason: String
        var by: String
    }
    var running: [Running]
    var waiting: [Waiting]
    var holds: [Hold]
    var warnings: [String]
}

struct SeenRepository: Decodable {
    var name: String
    var heads: [String: String]
    var services: [String]
    var problem: String?
}

extension World {
    /// Makes a bare repository.
    func bare(_ name: String = "shop") throws -> String {
        let path = root + "/\(name).git"
        try tool("git", "init", "-q", "--bare", "-b", "main", path, in: root)
        return path
    }

    /// A bare repository that tells the control plane of pushes.
    func watchedBare(_ name: String = "shop") throws -> String {
        let path = try bare(name)
        let made = try run("init", "--git", path)
        guard made.code == 0 else { throw Trouble(description: "init --git: \(made)") }
        return path
    }

    func push(_ branch: String = "main", to bare: String, in tree: String? = nil) throws {
        try tool("git", "push", "-q", "--force", bare, branch, in: tree)
    }

    func runs(_ service: String = "shop") throws -> [SeenRun] {
        struct Page: Decodable { var runs: [SeenRun] }
        return try json(Page.self, "/api/v1/pipelines?service=\(service)").runs
    }

    /// Waits until the run of a commit has ended.
    func ended(_ commit: String, _ service: String = "shop", within limit: Duration = .seconds(60)) throws -> SeenRun {
        let run = try Poll.value(within: limit) { () -> SeenRun? in
            try runs(service).first { $0.commit == commit && ["passed", "failed", "cancelled"].contains($0.state) }
        }
        guard let run else {
            throw Trouble(description: "no run of \(commit) ended: \(try runs(service))")
        }
        return run
    }

    /// Waits until visitors get a version.
    func shows(_ version: String, _ name: String = "shop", within limit: Duration = .seconds(60)) -> Bool {
        Poll.until(limit) { self.version(name) == version }
    }

    func queue() throws -> SeenQueue { try json(SeenQueue.self, "/api/v1/queue") }

    func repositories() throws -> [SeenRepository] {
        struct List: Decodable { var repositories: [SeenRepository] }
        return try json(List.self, "/api/v1/repositories").repositories
    }

    /// A secret of the control plane.
    func secret(_ name: String, _ value: String) throws {
        let directory = data + "/secrets"
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        try value.write(toFile: directory + "/" + name, atomically: true, encoding: .utf8)
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: directory + "/" + name)
    }
}

extension Plan {
    /// Goes out at once: what is tested is the way to the rollout.
    static func quick(_ name: String = "shop", pipeline: String = "", deploy: String = "") -> Plan {
        var plan = Plan(name: name, steps: "[100%]", hold: "1s", soak: "0s", instances: 1)
        if !pipeline.isEmpty { plan.more += "pipeline: \(pipeline)\n" }
        if !deploy.isEmpty { plan.more += "deploy: \(deploy)\n" }
        return plan
    }
}
