import Foundation

/// How the example service behaves; its configuration file.
struct Behaviour: Codable {
    var version = "1"
    /// Part of requests that answer 500, per cent.
    var failing = 0
    var ready = true
    /// Seconds before it listens; negative: it never does.
    var late = 0.0
    var exits = false
    var ignoresTerm = false
    var children = 0
    /// Smoke check path answers 500.
    var smokes = true
    /// Seconds until the smoke check answers.
    var slowSmoke = 0.0
    /// Milliseconds until a page is answered, a quarter more or less.
    var delay = 0
    /// Pages are never answered.
    var hangs = false
    /// Accepts no connection any more after its first page, and lives on.
    var deaf = false
    /// Requests fail only once this file exists; empty: at once.
    var spoiledBy = ""
    /// Orders at /metrics for a hundred requests.
    var orders = 100
    /// Gauge at /metrics, give or take a twentieth.
    var memory = 1000.0
}

/// The service file's parts that tests vary.
struct Plan {
    var name = "shop"
    var steps = "[20%, 100%]"
    var hold = "1s"
    var soak = "1s"
    var keepWarm = "1h"
    var instances = 2
    var within = "20s"
    var grace = "3s"
    var command = #"["python3", "./server.py"]"#
    var include = #"["server.py"]"#
    var more = ""

    var yaml: String {
        """
        service: \(name)
        run:
          command: \(command)
          instances: \(instances)
          ready: { path: /healthz, within: \(within) }
          stop: { grace: \(grace) }
        artifact:
          include: \(include)
          config: ["behaviour.json"]
        route:
          hosts: ["\(name).localhost"]
        rollout:
          steps: \(steps)
          hold: \(hold)
          soak: \(soak)
          undo: { keepWarm: \(keepWarm) }
        slo: { availability: 99.9% }
        \(more)
        """ + "\n"
    }
}

extension World {
    /// Writes the service's files and commits them.
    /// - Returns: the commit.
    @discardableResult
    func commit(_ behaviour: Behaviour = .init(), _ plan: Plan = .init()) throws -> String {
        let tree = tree(plan.name)
        try write(behaviour, plan, to: tree)
        return try commitAll("version \(behaviour.version)", in: tree)
    }

    /// Writes a service's files into a directory of the world's tree.
    func writeService(_ behaviour: Behaviour, _ plan: Plan, below directory: String) throws {
        try write(behaviour, plan, to: tree + "/" + directory)
    }

    private func write(_ behaviour: Behaviour, _ plan: Plan, to tree: String) throws {
        try FileManager.default.createDirectory(atPath: tree, withIntermediateDirectories: true)
        try Self.program.write(toFile: tree + "/server.py", atomically: true, encoding: .utf8)
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        try encoder.encode(behaviour).write(to: URL(filePath: tree + "/behaviour.json"))
        try plan.yaml.write(toFile: tree + "/nonevent.yaml", atomically: true, encoding: .utf8)
    }

    /// The git checkout of a service.
    func tree(_ name: String) -> String { name == Plan().name ? tree : root + "/" + name }

    @discardableResult
    func commitAll(_ message: String, in tree: String? = nil) throws -> String {
        let tree = tree ?? self.tree
        if !FileManager.default.fileExists(atPath: tree + "/.git") {
            try tool("git", "init", "-q", "-b", "main", in: tree)
        }
        try tool("git", "add", "-A", in: tree)
        try tool(
            "git", "-c", "user.name=Ann", "-c", "user.email=ann@example.org", "commit", "-q", "--allow-empty", "-m",
            message, in: tree)
        return try tool("git", "rev-parse", "HEAD", in: tree)
    }

    /// Commits and deploys to the end; fails the test if it does not complete.
    @discardableResult
    func deploy(_ behaviour: Behaviour, _ plan: Plan = .init()) throws -> String {
        let commit = try commit(behaviour, plan)
        // Without requests the judge has nothing to judge, and holds.
        let light = try load(plan.name, perSecond: 40)
        defer { light.end() }
        let outcome = try run("deploy", "--wait")
        guard outcome.code == 0 else { throw Trouble(description: "deploy \(behaviour.version): \(outcome)") }
        return commit
    }

    func load(
        _ name: String = "shop", perSecond: Int = 100, people: Int = 4, keepsConnections: Bool = true
    ) throws -> SteadyLoad {
        guard let port = trafficPort else { throw Trouble(description: "no traffic port") }
        return SteadyLoad(
            port: port, host: "\(name).localhost", perSecond: perSecond, people: people,
            keepsConnections: keepsConnections)
    }

    /// What a visitor gets.
    func visit(_ name: String = "shop", _ path: String = "/page", headers: [String: String] = [:]) throws -> Reply {
        guard let port = trafficPort else { throw Trouble(description: "no traffic port") }
        var all = headers
        all["host"] = "\(name).localhost"
        return try Connection(port: port).exchange("GET", path, headers: all)
    }

    /// The version that answers, or what went wrong.
    func version(_ name: String = "shop") -> String {
        do {
            let reply = try visit(name)
            return reply.status == 200 ? reply.text : "status \(reply.status)"
        } catch {
            return "\(error)"
        }
    }
}
