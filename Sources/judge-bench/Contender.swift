import DeliverySimulation

/// A peer at one setting, as a column of the tables.
struct Contender: Sendable {
    var name: String
    var settings: String
    var judge: @Sendable (MetricSeries) -> RolloutOutcome

    init(_ name: String, _ peer: some Peer) {
        self.name = name
        settings = peer.settings
        judge = { peer.judge($0) }
    }

    func tally(_ series: [MetricSeries]) -> Tally { Tally(series.map(judge)) }
}

/// All settings of the three peers, counted on the healthy rollouts.
struct PeerSearches: Sendable {
    var kayenta: PeerSearch<KayentaPeer>
    var flagger: PeerSearch<FlaggerPeer>
    var argo: PeerSearch<ArgoPeer>

    /// Which settings undid one healthy rollout.
    struct Undone: Sendable {
        var kayenta: [Bool]
        var flagger: [Bool]
        var argo: [Bool]

        init(_ series: MetricSeries) {
            kayenta = KayentaPeer.grid.map { $0.judge(series).ending == .undone }
            flagger = FlaggerPeer.grid.map { $0.judge(series).ending == .undone }
            argo = ArgoPeer.grid.map { $0.judge(series).ending == .undone }
        }
    }

    private static let seriesForTies = 50

    init(kinds: Int) {
        kayenta = PeerSearch(KayentaPeer.grid, kinds: kinds)
        flagger = PeerSearch(FlaggerPeer.grid, kinds: kinds)
        argo = PeerSearch(ArgoPeer.grid, kinds: kinds)
    }

    mutating func add(_ undone: Undone, kind: Int) {
        kayenta.add(undone.kayenta, kind: kind)
        flagger.add(undone.flagger, kind: kind)
        argo.add(undone.argo, kind: kind)
    }

    /// The documented example of each, and the tightest admissible setting: fewest errors at +1 pp, then when all fail,
    /// then the quickest to find x1.2, then the one that misses least of all defects.
    func contenders(_ defects: [Defect: [MetricSeries]]) -> [Contender] {
        func errors(_ peer: some Peer) -> [Double] {
            let errors = [Defect.onePoint, .allFail].map { defect in
                Tally((defects[defect] ?? []).map(peer.judge)).median(.undone, \.candidateBad)
            }
            let slower = Tally((defects[.slower20] ?? []).map(peer.judge)).median(.undone, \.seconds)
            // Some are enough to part settings that are alike in the rest.
            let missed = defects.values.reduce(0) { sum, series in
                sum + series.prefix(Self.seriesForTies).count { peer.judge($0).ending != .undone }
            }
            return errors + [slower, Double(missed)]
        }
        var all = [
            Contender("Kayenta", KayentaPeer()), Contender("Flagger", FlaggerPeer()), Contender("Argo", ArgoPeer()),
        ]
        if let peer = kayenta.tightest({ errors($0) }) { all.append(Contender("Kayenta tight", peer)) }
        if let peer = flagger.tightest({ errors($0) }) { all.append(Contender("Flagger tight", peer)) }
        if let peer = argo.tightest({ errors($0) }) { all.append(Contender("Argo tight", peer)) }
        return all
    }

    /// Healthy rollouts undone by a contender, for each kind of noise; `nil` when it is no setting of the grids.
    func undone(_ contender: Contender) -> [Int]? {
        func row<P>(_ search: PeerSearch<P>) -> [Int]? {
            search.settings.firstIndex { $0.settings == contender.settings }.map { search.undone[$0] }
        }
        return row(kayenta) ?? row(flagger) ?? row(argo)
    }
}
