import DeliveryAPI
import DeliveryModel

/// A service as a person wants to see it: the state in one line, then what there is to know about it.
struct ServiceStatusView {
    let text: TerminalText

    func lines(_ status: ServiceStatus) -> [String] {
        var lines = [heading(status)]
        if let rollout = status.rollout { lines += RolloutView(text: text).running(rollout) }
        if let queued = status.queued {
            lines.append("  queued   \(queued.release.short)  commit \(commit(queued.commit)), since \(queued.since)")
        }
        if status.rollout == nil, let last = status.last {
            lines.append(
                "  last     \(commit(last.commit)) \(RolloutText.end(last)): \(TerminalText.harmless(last.why))")
            if last.phase == "undone", last.verdict != nil {
                lines.append("           more: nonevent history \(status.service) --rollout \(last.id)")
            }
        }
        lines += releases(status.releases)
        lines += status.mirrors.flatMap(MirrorView(text: text).lines)
        lines += status.warnings.map { text.paint("  warning  ", .yellow) + TerminalText.harmless($0) }
        return lines + [""]
    }

    private func heading(_ status: ServiceStatus) -> String {
        let name = text.paint(status.service.text, .bold)
        let live = status.live.map { "live \($0.release.short) (commit \(commit($0.commit)))" } ?? "nothing live"
        return name + "  " + (status.live == nil ? text.paint(live, .yellow) : text.paint(live, .green))
    }

    private func releases(_ releases: [ReleaseStatus]) -> [String] {
        guard !releases.isEmpty else { return [] }
        var table = TextTable([
            "release", "commit", "state", "share", "requests", "bad", "port", "pid", "restarts", "instance",
        ])
        for release in releases {
            let front = [
                release.release.short, commit(release.commit), release.state, release.shareBasisPoints.description,
                String(release.requests), String(release.bad),
            ]
            if release.instances.isEmpty { table.add(front + ["-", "-", "-", "none"]) }
            for instance in release.instances {
                let exit = instance.lastExit.map { " (last: \(TerminalText.harmless($0)))" } ?? ""
                table.add(
                    front + [
                        String(instance.port), String(instance.pid), String(instance.restarts),
                        instance.phase.rawValue + (instance.phase == .running && instance.restarts == 0 ? "" : exit),
                    ])
            }
        }
        return table.lines(text, indent: "  ")
    }

    private func commit(_ commit: String) -> String { TerminalText.shownCommit(commit) }
}
