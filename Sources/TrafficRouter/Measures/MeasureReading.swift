public import DeliveryModel
import NIOCore
import Synchronization

/// Which reading of the counts a reader knows: `?epoch=EPOCH&since=NUMBER`.
struct MeasureReading: Equatable {
    var epoch: String
    var number: UInt64
}

extension MeasureReading {
    /// - Returns: `nil`: the query names none.
    init?(_ query: String) {
        var fields: [Substring: Substring] = [:]
        for field in query.split(separator: "&") {
            let parts = field.split(separator: "=", maxSplits: 1)
            if parts.count == 2 { fields[parts[0]] = parts[1] }
        }
        guard let epoch = fields["epoch"], let number = fields["since"].flatMap({ UInt64($0) }) else { return nil }
        (self.epoch, self.number) = (String(epoch), number)
    }
}

extension Router {
    /// The counts of all event loops, added up.
    public func measures() async -> TrafficMeasures { await measures(of: nil) }

    /// The counts for a reader who comes again: with the number of this reading, and only what has changed since
    /// `known` if that is told and was a reading of this router.
    func reading(since known: MeasureReading?) async -> TrafficMeasures {
        let number = readings.wrappingAdd(1, ordering: .relaxed).newValue
        let last = known.flatMap { $0.epoch == epoch && $0.number < number ? $0.number : nil }
        var changed: Set<Worker.ReleaseKey>? = []
        var gone: Set<Worker.ReleaseKey> = []
        // All loops first: a release is read whole when it has changed on one of them.
        for worker in state.withLock({ $0.workers }) {
            let part = try? await worker.submit { $0.changes(reading: number, since: last) }.get()
            changed = part.flatMap { changed?.union($0.releases) }
            gone.formUnion(part?.gone ?? [])
        }
        var measures = await measures(of: changed)
        measures.reading = number
        if changed != nil {
            measures.since = last
            measures.gone = Dictionary(grouping: gone, by: \.service).mapValues { $0.map(\.digest) }
        }
        return measures
    }

    private func measures(of releases: Set<Worker.ReleaseKey>?) async -> TrafficMeasures {
        let (workers, generation) = state.withLock { ($0.workers, $0.table.generation) }
        var sum = TrafficMeasures(epoch: epoch, generation: generation)
        for worker in workers {
            if let part = try? await worker.submit({ $0.measures(of: releases) }).get() { sum.merge(part) }
        }
        return sum
    }
}
