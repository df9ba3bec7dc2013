/// Chooses the instance for a request, for one release on one event loop.
///
/// The least loaded eligible instance is taken, load being (requests under way + 1) / weight, so that one at half
/// weight gets half the load. Among equally loaded ones it is the turn of the one served least so far, measured in
/// requests / weight. Two rules more:
/// - An instance below full weight may take a request at its turn even though its load looks higher: without that, one
///   that starts slowly would get nothing at all where requests come one by one.
/// - What an instance missed while it was loaded or ejected is forgotten, as in start-time fair queueing (Goyal, Vin,
///   Cheng, 1996), so that it is not flooded when it returns.
///
/// No drawing of lots: the choice is exact, spreads evenly and can be foretold, also when some positions are not
/// eligible, where moving the start of the search on gives the next position a double part.
///
/// Up to `scanLimit` instances are all looked at. Of more, `windowSize` neighbours, which move on with each request.
/// Instead of the usual two drawn by lot (Mitzenmacher, The Power of Two Choices, 2001), because two draws may both
/// meet ejected instances, and sixteen in a row cost little. Whether the release is in a panic then comes from a look
/// at all, once for as many requests as there are instances, so that a request costs the same however many there are.
struct InstanceChoice: Sendable {
    static let scanLimit = 32
    static let windowSize = 16

    /// Of the request last sent: what its instance had been served before it.
    private var clock: UInt64 = 0
    private var cursor = 0
    private var isPanicking = false
    private var picksToCensus = 0

    init() {}

    /// - Parameters:
    ///   - tried: instances this request failed on, never given again. Few: it is searched from end to end.
    /// - Returns: the instance, whose turn is counted; the caller raises its `inFlight` in the same step. `nil` when
    ///   every instance is gone or was tried. While one eligible instance was not tried, it is preferred; after that
    ///   come unwell ones, then those that just refused a connection.
    mutating func pick<Instance: ChoosableInstance>(
        from instances: [Instance], except tried: [Instance] = [], now: UInt64, settings: HealthSettings
    ) -> Instance? {
        guard let index = index(in: instances, except: tried, now: now, settings: settings) else { return nil }
        let chosen = instances[index]
        charge(chosen, now: now)
        return chosen
    }

    private mutating func index<Instance: ChoosableInstance>(
        in instances: [Instance], except tried: [Instance], now: UInt64, settings: HealthSettings
    ) -> Int? {
        if instances.count > Self.scanLimit, picksToCensus > 0, tried.isEmpty {
            picksToCensus -= 1
            if let index = indexInWindow(of: instances, now: now) { return index }
        }
        var scan = InstanceScan()
        scan.look(at: instances, from: 0, count: instances.count, except: tried, now: now)
        isPanicking = PanicThreshold.isCrossed(eligible: scan.eligible, of: scan.present, settings: settings)
        picksToCensus = instances.count
        return scan.best(isPanicking: isPanicking)
    }

    /// - Returns: `nil` when nothing in the window is fit, which only a look at all can settle.
    private mutating func indexInWindow<Instance: ChoosableInstance>(of instances: [Instance], now: UInt64) -> Int? {
        if cursor >= instances.count { cursor = 0 }
        var scan = InstanceScan()
        let first = min(Self.windowSize, instances.count - cursor)
        scan.look(at: instances, from: cursor, count: first, except: [], now: now)
        scan.look(at: instances, from: 0, count: Self.windowSize - first, except: [], now: now)
        cursor += Self.windowSize
        if cursor >= instances.count { cursor -= instances.count }
        return isPanicking ? scan.best(isPanicking: true) : scan.bestEligible
    }

    private mutating func charge(_ chosen: some ChoosableInstance, now: UInt64) {
        var weight = InstanceWeight.full
        if case .eligible(let given) = chosen.standing(now: now) { weight = given }
        clock = max(clock, chosen.turn)
        chosen.turn = clock + Self.turnLength / UInt64(weight.tenThousandths)
    }

    /// What a request counts for at weight 1/10,000; at full weight a ten-thousandth of it. At a million requests a
    /// second the sum of turns fits 64 bits for 58 years.
    static let turnLength: UInt64 = 100_000_000

    /// The first turn of an instance that is new on this loop, so that not every loop begins with the same one.
    /// - Parameter seed: a hash of the instance and the loop.
    static func firstTurn(seed: UInt64) -> UInt64 { seed % (turnLength / 10_000) }
}
