public import DeliveryModel
import NIOCore
import Synchronization

extension Router {
    /// What the mirrors have shown, over all event loops.
    public func mirrorReports() async -> MirrorReports {
        var sums: [ComparisonReport] = []
        for worker in state.withLock({ $0.workers }) {
            for report in (try? await worker.submit({ $0.mirrors.reports }).get()) ?? [] {
                if let index = sums.firstIndex(where: { $0.isOfSameReleases(as: report) }) {
                    sums[index].merge(report)
                } else {
                    sums.append(report)
                }
            }
        }
        let order = { (report: MirrorReport) in (report.service, report.baseline, report.candidate) }
        return MirrorReports(epoch: epoch, mirrors: sums.map { $0.summary() }.sorted { order($0) < order($1) })
    }
}
