import DeliveryModel

/// Which counts of one event loop have changed since which reading of them.
///
/// Readings are numbered by the router. Requests pay nothing for it: each reading compares what a release has counted
/// with what it had at the reading before.
struct MeasureChanges {
    /// Of one release: what it had counted at the last reading.
    struct Mark {
        /// Of what had been counted; `nil`: it has never been read.
        fileprivate(set) var counted: UInt64?
        /// Readings with a lower number know an older count.
        fileprivate(set) var changed: UInt64 = 0
    }

    /// Most releases of which it is known when they went.
    static let memory = 1024

    /// At least the number of every reading that has been here.
    private var clock: UInt64 = 0
    private var gone: [(key: Worker.ReleaseKey, at: UInt64)] = []
    /// Readings before this one cannot be told all that is gone.
    private var forgotten: UInt64 = 0

    /// A release counts from now on.
    mutating func remember(_ key: Worker.ReleaseKey) { gone.removeAll { $0.key == key } }

    /// A release counts no more.
    mutating func forget(_ key: Worker.ReleaseKey) {
        gone.append((key, clock + 1))
        if gone.count > Self.memory { forgotten = gone.removeFirst().at }
    }

    /// - Returns: those that went after the reading `number`; `nil`: not known any more.
    func gone(since number: UInt64) -> [Worker.ReleaseKey]? {
        number < forgotten ? nil : gone.filter { $0.at > number }.map(\.key)
    }

    /// A reading begins: changes after it get a higher number than its own, even when another one was quicker.
    mutating func begin(reading number: UInt64) { clock = max(clock + 1, number) }

    /// - Parameter counted: differs whenever the counts do.
    func look(at mark: inout Mark, counted: UInt64) {
        guard mark.counted != counted else { return }
        mark = Mark(counted: counted, changed: clock)
    }
}

extension Worker {
    /// What one event loop says when it is asked for what changed.
    struct Changes {
        var releases: Set<ReleaseKey> = []
        var gone: [ReleaseKey] = []
    }

    /// - Parameters:
    ///   - number: of the reading that begins.
    ///   - last: of the reading that the reader knows.
    /// - Returns: `nil`: so much has changed that all must be read.
    func changes(reading number: UInt64, since last: UInt64?) -> Changes? {
        changes.begin(reading: number)
        for release in releases.values { release.counted = release.counts.requests &* 0x9E37_79B9_7F4A_7C15 }
        for instance in instances.values where instance.isShown {
            guard let release = instance.release else { continue }
            release.counted &+= instance.counted
        }
        var result = Changes()
        for (key, release) in releases {
            changes.look(at: &release.lastReading, counted: release.counted)
            if let last, release.lastReading.changed > last { result.releases.insert(key) }
        }
        guard let last, let gone = changes.gone(since: last) else { return nil }
        result.gone = gone
        return result
    }

    /// This loop's counts.
    /// - Parameter wanted: `nil`: of all releases.
    func measures(of wanted: Set<ReleaseKey>? = nil) -> TrafficMeasures {
        var measures = TrafficMeasures(epoch: "", generation: table.generation, unmatched: unmatched)
        for key in wanted ?? Set(releases.keys) {
            guard let release = releases[key] else { continue }
            release.counts.add(to: &measures.services[key.service, default: [:]][key.digest, default: .init()])
        }
        guard !measures.services.isEmpty else { return measures }
        for instance in instances.values where instance.isShown {
            guard instance.release != nil else { continue }
            let key = instance.key
            measures.services[key.service]?[key.release]?.inFlight[key.id, default: 0] += instance.inFlight
            measures.services[key.service]?[key.release]?.add(instance)
        }
        return measures
    }
}

extension LiveInstance {
    fileprivate var isShown: Bool { inFlight > 0 || !removed }

    /// Differs whenever what is shown of it does.
    fileprivate var counted: UInt64 {
        (mark &* (UInt64(inFlight) &* 2 &+ (removed ? 1 : 0) &+ 3)) &+ (mark << 1 &+ 1) &* counts.requests
    }
}

extension ReleaseMeasures {
    /// Of two with one id, the one in the table has taken over the counts of the other.
    fileprivate mutating func add(_ instance: LiveInstance) {
        if instance.removed, instances[instance.key.id] != nil { return }
        instances[instance.key.id] = instance.counts
    }
}
