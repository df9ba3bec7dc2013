import DeliveryAPI
import DeliveryModel
import DeploymentDrivers
import Glibc
import Hummingbird
import RolloutEngine

/// Health, readiness, metrics and the API's description: open to everybody who can connect.
struct HealthRoutes: Sendable {
    let api: APIContext
    /// Process of the router, when it can be asked.
    let routerPid: @Sendable () async -> Int32?

    private struct Readiness: Codable {
        var ready: Bool
        var pid: Int32
        var routerPid: Int32?
        var problems: [String]
    }

    func add(to router: Router<BasicRequestContext>) {
        router.get("/healthz") { _, _ in APIContext.text("ok\n", type: "text/plain; charset=utf-8") }
        router.get("/readyz") { _, _ in
            let problems = api.monitor.snapshot.problems
            let readiness = Readiness(
                ready: problems.isEmpty, pid: getpid(), routerPid: await routerPid(), problems: problems)
            return try APIContext.json(readiness, status: problems.isEmpty ? .ok : .serviceUnavailable)
        }
        router.get("/metrics") { _, _ in
            APIContext.text(
                Self.metrics(await api.reconciler.allStates(), api.monitor.snapshot, await api.reconciler.hasBacklog),
                type: "text/plain; version=0.0.4; charset=utf-8")
        }
        router.get("/api/v1/openapi.json") { _, _ in
            APIContext.text(OpenAPIDocument.text, type: "application/json")
        }
    }

    /// The control plane's own state; the router's `/metrics` has the traffic.
    static func metrics(
        _ states: [ServiceState], _ snapshot: Monitor.Snapshot, _ hasBacklog: Bool
    ) -> String {
        var lines = [
            "# HELP nonevent_share_basis_points Share of traffic by release.",
            "# TYPE nonevent_share_basis_points gauge",
        ]
        for state in states {
            for release in state.routes?.releases ?? [] {
                lines.append(
                    "nonevent_share_basis_points{service=\"\(state.service)\",release=\"\(release.digest.short)\"} "
                        + "\(release.shareBasisPoints.basisPoints)")
            }
        }
        lines += [
            "# HELP nonevent_requests_total Requests answered by release.", "# TYPE nonevent_requests_total counter",
        ]
        lines += counts(snapshot, "nonevent_requests_total", \.requests)
        lines += [
            "# HELP nonevent_bad_requests_total Requests answered badly by release.",
            "# TYPE nonevent_bad_requests_total counter",
        ]
        lines += counts(snapshot, "nonevent_bad_requests_total", \.bad)
        lines += [
            "# HELP nonevent_rollout_running Whether a rollout is under way.", "# TYPE nonevent_rollout_running gauge",
        ]
        for state in states {
            lines.append("nonevent_rollout_running{service=\"\(state.service)\"} \(state.rollout == nil ? 0 : 1)")
        }
        lines += [
            "# HELP nonevent_journal_backlog Whether entries wait for the disk.",
            "# TYPE nonevent_journal_backlog gauge",
            "nonevent_journal_backlog \(hasBacklog ? 1 : 0)",
        ]
        return lines.joined(separator: "\n") + "\n"
    }

    private static func counts(
        _ snapshot: Monitor.Snapshot, _ name: String, _ key: KeyPath<ReleaseMeasures, UInt64>
    ) -> [String] {
        (snapshot.measures?.services ?? [:]).sorted { $0.key < $1.key }.flatMap { service, releases in
            releases.sorted { $0.key < $1.key }.map { digest, counts in
                "\(name){service=\"\(service)\",release=\"\(digest.short)\"} \(counts[keyPath: key])"
            }
        }
    }
}
