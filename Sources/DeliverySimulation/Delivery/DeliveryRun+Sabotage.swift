import DeliveryModel
import RolloutEngine

extension DeliveryRun {
    /// Breaks one promise on purpose, to show that its checker sees it.
    mutating func sabotageIfPlanned() {
        guard let sabotage = plan.sabotage, !isSabotaged, step >= sabotage.step, !isDown else { return }
        switch sabotage.promise {
        case .sharesAddUp:
            isSabotaged = changeShare {
                $0 > .none
            } with: { _ in
                Share(clamping: 9_999)
            }
        case .undoneStaysUndone: isSabotaged = bringBack()
        case .goodReleaseServes:
            guard let site = sites.indices.first(where: { sites[$0].state.live != nil }) else { return }
            sites[site].running = []
            sites[site].isTouched = true
            isSabotaged = true
        case .routedInstancesRun:
            guard let site = sites.indices.first(where: { sites[$0].state.rollout?.phase == .shift }),
                let candidate = sites[site].state.rollout?.candidate,
                let instance = sites[site].state.releases[candidate]?.instances.first
            else { return }
            sites[site].running.remove(instance.id)
            sites[site].isTouched = true
            isSabotaged = true
        case .oneRollout:
            guard let name = queue.running.keys.min(), let under = queue.running[name] else { return }
            guard let other = sites.first(where: { queue.running[$0.name] == nil && $0.state.live != nil }) else {
                return
            }
            var invented = under
            invented.service = other.name
            queue.align(with: queue.running.merging([other.name: invented]) { kept, _ in kept })
            isSabotaged = true
        case .everyCommitEnds: isSabotaged = queue.waiting.keys.min().map { queue.drop($0) != nil } ?? false
        case .journalReplays:
            guard let last = lines.lastIndex(where: { $0.kind == "rollout.complete" }) else { return }
            lines.remove(at: last)
            isSabotaged = true
        case .nothingWaitsForever:
            // Again and again: people end what hangs, sooner or later.
            for site in sites.indices where sites[site].state.rollout != nil { sites[site].judging = nil }
        case .crashChangesNothing:
            // Until a crash comes upon one of them.
            for site in sites.indices where sites[site].judging?.ticks.isEmpty == false {
                sites[site].judging?.ticks.removeLast()
            }
        case .storeWorks:
            record = BrokenRecord()
            isSabotaged = true
        }
    }

    private mutating func changeShare(_ which: (Share) -> Bool, with change: (Share) -> Share) -> Bool {
        for site in sites.indices {
            guard let place = sites[site].routed?.releases.firstIndex(where: { which($0.shareBasisPoints) }),
                let share = sites[site].routed?.releases[place].shareBasisPoints
            else { continue }
            sites[site].routed?.releases[place].shareBasisPoints = change(share)
            sites[site].isTouched = true
            return true
        }
        return false
    }

    /// An undone release is made the candidate of its service.
    private mutating func bringBack() -> Bool {
        for site in sites.indices where sites[site].state.rollout?.phase == .shift {
            guard let candidate = sites[site].state.rollout?.candidate else { continue }
            sites[site].state.releases[candidate]?.standing = .undone
            return true
        }
        return false
    }
}

/// A disk that takes nothing.
private struct BrokenRecord: DeliveryRecord {
    mutating func commit(_ lines: [RecordedLine], states: [String: String]) throws(RecordFailure) {
        throw RecordFailure("the disk is full")
    }

    func states() throws(RecordFailure) -> [String: String] { throw RecordFailure("the disk is gone") }
    func replay(_ body: (RecordedLine) -> Void) throws(RecordFailure) { throw RecordFailure("the disk is gone") }
}
