import Foundation

/// The parts of the wire's answers that tests look at.
struct SeenRollout: Decodable {
    var id: String
    var candidate: String
    var commit: String
    var phase: String
    var shareBasisPoints: Int
    var reachedBasisPoints: Int
    var why: String
    var endedAt: String?
    var verdict: SeenVerdict?
}

struct SeenVerdict: Decodable {
    struct Evidence: Decodable {
        var lnE: Double
        var threshold: Double
        var dryRun: Bool?
    }
    var t: Double
    var verdict: String
    var rule: String
    var evidence: [String: Evidence]
    var candidateRequests: Double
    var why: String
}

struct SeenRelease: Decodable {
    struct Instance: Decodable {
        var id: String
        var pid: Int32?
    }
    var release: String
    var commit: String
    var shareBasisPoints: Int
    var state: String
}

struct SeenService: Decodable {
    struct Queued: Decodable { var commit: String }
    var service: String
    var live: SeenRelease?
    var rollout: SeenRollout?
    var queued: Queued?
    var releases: [SeenRelease]
    var warnings: [String]
}

struct SeenEntry: Decodable {
    struct Facts: Decodable {
        var commit: String?
        var rollout: String?
        var why: String?
    }
    var sequence: Int
    var service: String?
    var kind: String
    var actor: String
    var data: Facts
}

struct SeenUndo: Decodable {
    var changed: Bool
    var journaled: Bool
    var seconds: Double
    var toCommit: String
    var message: String
}

extension World {
    func status(_ name: String = "shop") throws -> SeenService {
        try json(SeenService.self, "/api/v1/services/\(name)")
    }

    func history(_ name: String = "shop") throws -> [SeenRollout] {
        struct Page: Decodable { var rollouts: [SeenRollout] }
        return try json(Page.self, "/api/v1/services/\(name)/history").rollouts
    }

    func journal(_ kind: String? = nil) throws -> [SeenEntry] {
        struct Page: Decodable { var entries: [SeenEntry] }
        let all = try json(Page.self, "/api/v1/journal?limit=1000").entries
        return kind.map { wanted in all.filter { $0.kind == wanted } } ?? all
    }

    /// Waits until the rollout is in a phase.
    func reaches(_ phase: String, _ name: String = "shop", within limit: Duration = .seconds(20)) -> Bool {
        Poll.until(limit) { (try? status(name))?.rollout?.phase == phase }
    }

    /// Waits until no rollout is under way.
    func settles(_ name: String = "shop", within limit: Duration = .seconds(60)) -> Bool {
        Poll.until(limit) { (try? status(name)).map { $0.rollout == nil && $0.queued == nil } ?? false }
    }

    func undo(_ name: String = "shop", _ more: String...) throws -> SeenUndo {
        let outcome = try more.isEmpty ? run("undo", name, "--json") : run("undo", name, "--json", more[0], more[1])
        guard outcome.code == 0 else { throw Trouble(description: "undo: \(outcome)") }
        return try JSONDecoder().decode(SeenUndo.self, from: Data(outcome.out.utf8))
    }

    /// Processes of the service's own program.
    func programs() -> [SystemProcess] { processes().filter { $0.command.contains("server.py") } }
    func shims() -> [SystemProcess] {
        processes().filter { $0.command.contains(" shim") && $0.command.contains("/instances/") }
    }

    /// Routers of this world, and the shims that keep them.
    func routers() -> [SystemProcess] {
        processes().filter { $0.command.contains(" router --leave-with") }
    }
    func routerShims() -> [SystemProcess] {
        processes().filter { $0.command.contains(" shim") && $0.command.contains("/data/router/") }
    }

    var routerPid: Int32? {
        struct Ready: Decodable { var routerPid: Int32? }
        return try? json(Ready.self, "/readyz").routerPid
    }
}
