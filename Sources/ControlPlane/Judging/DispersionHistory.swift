import CanaryJudge
import DeliveryModel

/// What the instances of each service's baseline counted in the last day, in blocks of five minutes, and how clustered
/// their bad requests were.
///
/// Everything is bounded. The clock may jump: a block belongs to the five minutes of the wall clock in which it was
/// counted, a block counted again replaces the older one, and blocks that lie in the future are forgotten.
struct DispersionHistory: Sendable {
    static let blockLength = Duration.seconds(300)
    /// Blocks kept of a service: one day.
    static let blockLimit = 288
    /// How far back blocks count.
    static let length = blockLength * blockLimit
    /// Instances counted in one block; further ones are left out.
    static let instanceLimit = 100
    /// Services kept; the one not heard of for longest goes first.
    static let serviceLimit = 1_000
    /// Instances in all blocks of all services, some 10 MB; the service with the most loses its oldest block first.
    static let cellLimit = 200_000
    /// Less to compare than this is no estimate.
    static let leastSeconds = 600.0
    /// With less to compare than this, the rest of the history says nothing: the estimate owns up to what it has.
    static let comparedSeconds = 3_600.0

    /// Five minutes of one service's baseline, as they are stored.
    struct Block: Sendable, Equatable, Codable {
        var service: ServiceName
        /// A multiple of five minutes since 1970.
        var start: Timestamp
        /// Counts by instance id; those without requests are left out.
        var instances: [String: InstanceMeasures]
    }

    private struct Closed {
        var start: Int64
        /// Empty when nothing can be compared: fewer than two instances, or no bad request.
        var cells: [String: Dispersion.Cell]
    }

    private struct Service {
        var closed: [Closed] = []
        var running: Block
        var release: ReleaseDigest?
        var heard: Timestamp
        var estimate: Dispersion.Estimate?
        var cells = 0
    }

    private var services: [ServiceName: Service] = [:]
    private var cells = 0

    init() {}

    /// - Parameters:
    ///   - stored: closed blocks, in any order; of two for the same five minutes the later one in the list counts.
    ///   - now: blocks older than a day or in the future are left out.
    init(stored: [Block], at now: Timestamp) {
        for block in stored {
            let start = Self.start(of: block.start)
            let isCounted = block.instances.values.contains { $0.requests > 0 }
            guard isCounted, start <= Self.start(of: now) else { continue }
            open(block.service, release: nil, at: now)
            close(Block(service: block.service, start: Timestamp(microseconds: start), instances: block.instances))
        }
        for service in services.keys { prune(service, at: now) }
    }

    /// Adds what the instances of a service's baseline counted since the last look.
    ///
    /// - Parameters:
    ///   - release: the baseline. When it changes, the running block begins anew: two releases fail at two rates, which
    ///     would look like a cluster.
    ///   - counts: differences by instance id; may be empty, so that a block is closed in time.
    ///   - now: at least once a block, in any order.
    /// - Returns: the block that was closed, to be stored; it replaces one of the same service and start.
    mutating func add(
        service: ServiceName, release: ReleaseDigest? = nil, counts: [String: InstanceMeasures], at now: Timestamp
    ) -> [Block] {
        let closed = advance(service, to: now)
        let counted = counts.filter { $0.value.requests > 0 }
        if services[service] == nil, counted.isEmpty { return closed }
        open(service, release: release, at: now)
        guard var open = services.removeValue(forKey: service) else { return closed }
        open.heard = now
        if open.release != release {
            open.release = release
            open.running.instances = [:]
        }
        // In the order of the ids, so that the same ones are left out when there are too many.
        let ids = counted.count > Self.instanceLimit ? counted.keys.sorted() : Array(counted.keys)
        for id in ids {
            guard let more = counted[id] else { continue }
            let room = open.running.instances.count < Self.instanceLimit
            guard var sum = open.running.instances[id] ?? (room ? InstanceMeasures() : nil) else { continue }
            sum.requests = Self.sum(sum.requests, more.requests)
            sum.bad = Self.sum(sum.bad, more.bad)
            open.running.instances[id] = sum
        }
        services[service] = open
        return closed
    }

    /// How clustered the bad requests of a service's baseline were; computed when a block closes.
    ///
    /// `historySeconds` counts every block with requests; only those that can be compared (two instances with requests,
    /// and a bad one among them) while these are less than an hour. `instances` is how many were compared at a time.
    ///
    /// - Returns: `nil` with less than ten minutes of blocks that can be compared.
    func estimate(service: ServiceName) -> Dispersion.Estimate? { services[service]?.estimate }

    // MARK: Blocks

    /// Closes the running block when its time is over, or when the clock went back further than a correction would.
    private mutating func advance(_ service: ServiceName, to now: Timestamp) -> [Block] {
        guard let running = services[service]?.running else { return [] }
        let start = Self.start(of: now)
        let passed = start - running.start.microseconds
        if passed == 0 || passed == -Self.microseconds { return [] }
        services[service]?.running = Block(
            service: service, start: Timestamp(microseconds: start), instances: [:])
        // After the clock went back nobody knows when it was counted.
        let closes = passed > 0 && !running.instances.isEmpty
        if closes { close(running) }
        prune(service, at: now)
        return closes ? [running] : []
    }

    private mutating func open(_ service: ServiceName, release: ReleaseDigest?, at now: Timestamp) {
        guard services[service] == nil else { return }
        if services.count >= Self.serviceLimit, let oldest = services.min(by: { $0.value.heard < $1.value.heard }) {
            cells -= oldest.value.cells
            services[oldest.key] = nil
        }
        let start = Timestamp(microseconds: Self.start(of: now))
        services[service] = Service(
            running: Block(service: service, start: start, instances: [:]), release: release, heard: now)
    }

    private mutating func close(_ block: Block) {
        guard var service = services.removeValue(forKey: block.service) else { return }
        let closed = Closed(start: block.start.microseconds, cells: Self.cells(block.instances))
        let index = service.closed.lastIndex { $0.start <= closed.start }
        if let index, service.closed[index].start == closed.start {
            count(-service.closed[index].cells.count, &service)
            service.closed[index] = closed
        } else {
            service.closed.insert(closed, at: index.map { $0 + 1 } ?? 0)
        }
        count(closed.cells.count, &service)
        services[block.service] = service
        while cells > Self.cellLimit { dropOldestOfTheLargest() }
    }

    /// Forgets what is too old, in the future or too much, and estimates anew.
    private mutating func prune(_ name: ServiceName, at now: Timestamp) {
        guard var service = services.removeValue(forKey: name) else { return }
        let end = Self.start(of: now)
        let oldest = end - Int64(Self.blockLimit) * Self.microseconds
        while let first = service.closed.first, first.start < oldest || service.closed.count > Self.blockLimit {
            count(-service.closed.removeFirst().cells.count, &service)
        }
        while let last = service.closed.last, last.start > end {
            count(-service.closed.removeLast().cells.count, &service)
        }
        service.estimate = Self.estimate(service.closed)
        services[name] = service
    }

    private mutating func dropOldestOfTheLargest() {
        guard let name = services.max(by: { $0.value.cells < $1.value.cells })?.key,
            var service = services.removeValue(forKey: name), !service.closed.isEmpty
        else { return }
        count(-service.closed.removeFirst().cells.count, &service)
        if service.estimate != nil { service.estimate = Self.estimate(service.closed) }
        services[name] = service
    }

    private mutating func count(_ change: Int, _ service: inout Service) {
        service.cells += change
        cells += change
    }

    // MARK: Estimating

    private static func estimate(_ closed: [Closed]) -> Dispersion.Estimate? {
        let compared = closed.map(\.cells).filter { !$0.isEmpty }
        let seconds = Double(compared.count) * blockLength.inSeconds
        guard seconds >= leastSeconds,
            var estimate = Dispersion.estimate(blocks: compared, blockSeconds: blockLength.inSeconds)
        else { return nil }
        if seconds >= comparedSeconds { estimate.historySeconds = Double(closed.count) * blockLength.inSeconds }
        // The ids of a day are those of every release that was the baseline in it.
        estimate.instances = compared.reduce(0) { $0 + $1.count } / compared.count
        return estimate
    }

    private static func cells(_ instances: [String: InstanceMeasures]) -> [String: Dispersion.Cell] {
        let counted = instances.filter { $0.value.requests > 0 }
        let (requests, bad) = counted.values.reduce((0.0, 0.0)) { ($0.0 + Double($1.requests), $0.1 + Double($1.bad)) }
        guard counted.count > 1, counted.count <= instanceLimit, bad > 0 else { return [:] }
        return counted.mapValues {
            Dispersion.Cell(bad: Double($0.bad), expected: bad * Double($0.requests) / requests)
        }
    }

    private static var microseconds: Int64 { blockLength.components.seconds * 1_000_000 }

    private static func start(of time: Timestamp) -> Int64 {
        let rest = time.microseconds % microseconds
        return time.microseconds - (rest < 0 ? rest + microseconds : rest)
    }

    private static func sum(_ left: UInt64, _ right: UInt64) -> UInt64 {
        let (sum, overflow) = left.addingReportingOverflow(right)
        return overflow ? .max : sum
    }
}
