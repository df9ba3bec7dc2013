import DeliveryModel
import NIOCore

/// The mirrors of one event loop, and what those that have ended have shown.
final class MirrorDesk {
    /// Reports of ended mirrors that are kept, the newest ones.
    static let maxEnded = 16

    private struct Ended {
        let report: ComparisonReport
        let compare: MirrorComparison?
    }

    private let load = WorkerLoad()
    private var running: [ServiceName: LiveMirror] = [:]
    private var ended: [Ended] = []

    /// Begins, keeps and ends mirrors as a new table says.
    func install(_ services: [LiveService], worker: Worker) {
        var next: [ServiceName: LiveMirror] = [:]
        for service in services {
            let name = service.routed.name
            guard let settings = service.routed.mirror, let baseline = service.baseline,
                let target = service.releases.first(where: { $0.digest == settings.to }), target !== baseline
            else { continue }
            if let old = running[name] {
                if old.settings == settings, old.baseline === baseline, old.target === target {
                    next[name] = old
                    continue
                }
                end(old, .superseded)
            }
            let report = takeReport(name, baseline, target, settings.compare)
            next[name] = LiveMirror(
                settings, baseline: baseline, target: target, report: report, worker: worker, load: load)
        }
        for (name, old) in running where next[name] == nil { end(old, .superseded) }
        running = next
        load.mirrors = Array(next.values)
        for service in services { service.mirror = next[service.routed.name] }
    }

    /// The router stops: copies are the first to go.
    func stop() {
        for mirror in running.values { end(mirror, .stopping) }
        running = [:]
        load.mirrors = []
    }

    var reports: [ComparisonReport] { ended.map(\.report) + running.values.map(\.report) }

    private func end(_ mirror: LiveMirror, _ reason: MirrorDropReason) {
        mirror.end(reason)
        ended.append(Ended(report: mirror.report, compare: mirror.settings.compare))
        if ended.count > Self.maxEnded { ended.removeFirst() }
    }

    /// Goes on with the report of the same releases. If something else is compared now, a new one is begun.
    private func takeReport(
        _ service: ServiceName, _ baseline: LiveRelease, _ target: LiveRelease, _ compare: MirrorComparison?
    ) -> ComparisonReport {
        let new = ComparisonReport(service: service, baseline: baseline.digest, candidate: target.digest)
        guard let index = ended.firstIndex(where: { $0.report.isOfSameReleases(as: new) }) else { return new }
        let old = ended.remove(at: index)
        return old.compare == compare ? old.report : new
    }
}

/// People's requests under way on an event loop. Added up when asked for, and so only for requests that are mirrored.
final class WorkerLoad {
    /// How long a sum is good for.
    private static let validity = TimeAmount.milliseconds(1)

    var mirrors: [LiveMirror] = []
    private var sum = 0
    private var since = NIODeadline.uptimeNanoseconds(0)

    func people(_ worker: Worker) -> Int {
        let now = NIODeadline.now()
        if now - since < Self.validity { return sum }
        since = now
        let all = worker.instances.values.reduce(0) { $0 + $1.inFlight }
        sum = max(0, all - mirrors.reduce(0) { $0 + $1.copiesUnderWay })
        return sum
    }
}
