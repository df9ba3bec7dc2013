/// One look at the instances of a release: the best of each standing, and how many are eligible.
struct InstanceScan {
    /// Those that take requests.
    private(set) var present = 0
    private(set) var eligible = 0
    private var wellOnes = Contest()
    private var unwellOnes = Contest()
    private var refusingOnes = Contest()

    init() {}

    mutating func look<Instance: ChoosableInstance>(
        at instances: [Instance], from start: Int, count: Int, except tried: [Instance], now: UInt64
    ) {
        for index in start..<(start + count) {
            let instance = instances[index]
            let standing = instance.standing(now: now)
            guard standing != .gone else { continue }
            present += 1
            if standing.isEligible { eligible += 1 }
            guard tried.isEmpty || !tried.contains(where: { $0 === instance }) else { continue }
            let (load, turn) = (UInt64(max(0, instance.inFlight)), instance.turn)
            switch standing {
            case .eligible(let weight): wellOnes.enter(index, load: load, turn: turn, weight: weight)
            case .unwell: unwellOnes.enter(index, load: load, turn: turn, weight: .full)
            case .refusing: refusingOnes.enter(index, load: load, turn: turn, weight: .full)
            case .gone: break
            }
        }
    }

    var bestEligible: Int? { wellOnes.winner?.index }

    func best(isPanicking: Bool) -> Int? {
        guard isPanicking else {
            return (wellOnes.winner ?? unwellOnes.winner ?? refusingOnes.winner)?.index
        }
        return (Contest.better(wellOnes.winner, unwellOnes.winner) ?? refusingOnes.winner)?.index
    }
}

/// The least loaded of the instances entered, and the one whose turn it is.
private struct Contest {
    struct Entry {
        let index: Int
        let load: UInt64
        let turn: UInt64
        let weight: UInt64

        /// (load + 1) / weight, without dividing. Loads below 1e8 cannot overflow.
        func isLessLoaded(than other: Entry) -> Bool {
            let (mine, others) = ((load + 1) * other.weight, (other.load + 1) * weight)
            return mine == others ? turn < other.turn : mine < others
        }
    }

    private var leastLoaded: Entry?
    private var next: Entry?

    init() {}

    mutating func enter(_ index: Int, load: UInt64, turn: UInt64, weight: InstanceWeight) {
        let entry = Entry(index: index, load: load, turn: turn, weight: UInt64(weight.tenThousandths))
        guard let leastLoaded, let next else {
            (self.leastLoaded, self.next) = (entry, entry)
            return
        }
        if entry.isLessLoaded(than: leastLoaded) { self.leastLoaded = entry }
        if turn < next.turn { self.next = entry }
    }

    /// The one whose turn it is, when load / weight + 1 of it is no more than (load + 1) / weight of the least loaded;
    /// else the least loaded. At full weight the two are the same measure.
    var winner: Entry? {
        guard let leastLoaded, let next else { return nil }
        let full = UInt64(InstanceWeight.full.tenThousandths)
        let (own, others) = (
            (next.load * full + next.weight) * leastLoaded.weight, (leastLoaded.load + 1) * full * next.weight
        )
        return own <= others ? next : leastLoaded
    }

    static func better(_ left: Entry?, _ right: Entry?) -> Entry? {
        guard let left else { return right }
        guard let right else { return left }
        return right.isLessLoaded(than: left) ? right : left
    }
}
