public import DeliveryModel

extension ServiceState {
    /// The service's part of the route table: shares of live release and candidate, and the dark and warm ones at 0.
    /// - Returns: `nil` while no release has a ready instance.
    public var routes: RoutedService? {
        guard let route else { return nil }
        let shares = shares
        let routed = releases.values.sorted { $0.digest < $1.digest }.compactMap { record -> RoutedRelease? in
            let ready = record.instances.filter(\.isReady)
            guard !ready.isEmpty else { return nil }
            return RoutedRelease(
                digest: record.digest, commit: record.commit, shareBasisPoints: shares[record.digest] ?? .none,
                salt: rollout?.candidate == record.digest ? record.digest.short : "", role: role(of: record.digest),
                specification: record.specification,
                instances: ready.map { RoutedInstance(id: $0.id, port: $0.port) })
        }
        guard !routed.isEmpty else { return nil }
        var routes = RoutedService(name: service, route: route, releases: routed)
        // What protects people from this candidate, and what looks at it, is its own matter.
        if let candidate = routedCandidate?.specification.route { routes.rescue = candidate.rescue }
        routes.mirror = mirror(in: routed)
        routes.hold = hold
        return routes
    }

    /// As decided, whether the release has an instance that is ready or not.
    private var shares: [ReleaseDigest: Share] {
        var shares: [ReleaseDigest: Share] = [:]
        if let live { shares[live] = .all }
        if let rollout, rollout.share > .none {
            shares[rollout.candidate] = rollout.share
            if let baseline = rollout.baseline, baseline != rollout.candidate { shares[baseline] = rollout.share.rest }
        }
        return shares
    }

    /// The share of a release in ``routes``, without making these.
    public func routedShare(of digest: ReleaseDigest) -> Share {
        guard route != nil, releases[digest]?.instances.contains(where: \.isReady) == true else { return .none }
        return shares[digest] ?? .none
    }

    /// The live release's routes hold until a candidate is complete: a canary must not take routes away.
    private var route: RouteSpecification? {
        (live ?? rollout?.candidate).flatMap { releases[$0]?.specification.route }
    }

    /// The certificate for the service's hosts, if its requests go anywhere.
    public var certificate: RoutedCertificate? {
        guard releases.values.contains(where: { $0.instances.contains(where: \.isReady) }) else { return nil }
        return route.flatMap(RoutedCertificate.init(_:))
    }

    /// The candidate, as soon as requests could go to it: nothing of it matters to the router before.
    private var routedCandidate: ReleaseRecord? {
        guard let record = rollout.flatMap({ releases[$0.candidate] }) else { return nil }
        return record.instances.contains(where: \.isReady) ? record : nil
    }

    /// Said outright, since shares do not tell: the candidate has none in the dark, and all of them in the soak.
    private func role(of digest: ReleaseDigest) -> ReleaseRole? {
        guard routedCandidate != nil, let rollout, let baseline = rollout.baseline, baseline != rollout.candidate
        else { return nil }
        return digest == rollout.candidate ? .candidate : digest == baseline ? .baseline : nil
    }

    /// Only in the dark, and with a release beside it that serves people.
    private func mirror(in routed: [RoutedRelease]) -> TrafficMirror? {
        guard let rollout, rollout.phase == .verify, rollout.share == .none,
            let specification = routedCandidate?.specification.route.mirror,
            routed.contains(where: { $0.shareBasisPoints > .none })
        else { return nil }
        return TrafficMirror(specification, to: rollout.candidate)
    }

    /// Until when the rollout under way stays in the dark at least, so that mirrored requests can show something; `nil`
    /// when nothing is mirrored.
    public var darkUntil: Timestamp? {
        guard let rollout, rollout.phase == .verify, let mirror = routes?.mirror,
            let specification = releases[mirror.to]?.specification.route.mirror
        else { return nil }
        return rollout.stepStartedAt + specification.time
    }

    /// Releases that undo, redo or the rollout under way may need: retention keeps them whatever its number.
    public var needed: Set<ReleaseDigest> {
        var kept = Set(trail.suffix(3))
        kept.formUnion(
            [live, rollout?.candidate, rollout?.baseline, queue?.digest, recovery?.target].compactMap { $0 })
        kept.formUnion([lastUndo?.from, lastUndo?.to, drill?.from, drill?.to].compactMap { $0 })
        kept.formUnion(releases.values.filter { !$0.instances.isEmpty }.map(\.digest))
        return kept
    }
}
