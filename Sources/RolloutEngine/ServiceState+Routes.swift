public import DeliveryModel

extension ServiceState {
    /// The service's part of the route table: shares of live release and candidate, and the dark and warm ones at 0.
    /// - Returns: `nil` while no release has a ready instance.
    public var routes: RoutedService? {
        let leading = rollout?.candidate ?? live
        guard let specification = leading.flatMap({ releases[$0]?.specification }) else { return nil }
        // The live release's routes hold until a candidate serves everybody: a canary must not take routes away.
        let route = live.flatMap { releases[$0]?.specification.route } ?? specification.route
        var shares: [ReleaseDigest: Share] = [:]
        if let live { shares[live] = .all }
        if let rollout, rollout.share > .none {
            shares[rollout.candidate] = rollout.share
            if let baseline = rollout.baseline, baseline != rollout.candidate { shares[baseline] = rollout.share.rest }
        }
        let routed = releases.values.sorted { $0.digest < $1.digest }.compactMap { record -> RoutedRelease? in
            let ready = record.instances.filter(\.isReady)
            guard !ready.isEmpty else { return nil }
            return RoutedRelease(
                digest: record.digest, commit: record.commit, shareBasisPoints: shares[record.digest] ?? .none,
                salt: rollout?.candidate == record.digest ? record.digest.short : "",
                healthPath: record.specification.run.ready.path,
                instances: ready.map { RoutedInstance(id: $0.id, port: $0.port) })
        }
        guard !routed.isEmpty else { return nil }
        return RoutedService(
            name: service, hosts: route.hosts, paths: route.paths, preview: route.preview, releases: routed)
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
