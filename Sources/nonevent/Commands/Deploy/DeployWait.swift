import DeliveryAPI
import DeliveryModel

/// Follows one rollout to its end, through restarts of the control plane.
struct DeployWait: Sendable {
    /// How long the control plane may be away.
    static let patience = Duration.seconds(60)
    /// How often the state is asked for when no event comes.
    static let tick = Duration.seconds(1)
    /// Times that a deploy may be found nowhere (between queue and rollout) before it counts as superseded.
    static let absences = 5

    let client: ControlPlaneClient
    let accepted: DeployAccepted
    let json: Bool

    /// - Throws: `CommandFailure(.failed)` when the rollout was undone or superseded.
    func run() async throws {
        let (wakes, wake) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        try await withThrowingTaskGroup(of: Void.self) { group in
            // Events only say that something changed: what, is asked for, so that none can be missed.
            group.addTask {
                do {
                    for try await _ in client.events(service: accepted.service, patience: Self.patience) {
                        wake.yield()
                    }
                } catch {
                    // The loop below meets the same trouble and tells it.
                }
            }
            group.addTask {
                while true {
                    try await Task.sleep(for: Self.tick)
                    wake.yield()
                }
            }
            defer { group.cancelAll() }
            wake.yield()
            try await follow(wakes)
        }
    }

    private func follow(_ wakes: AsyncStream<Void>) async throws {
        var shown = ""
        var awaySince: ContinuousClock.Instant?
        var absent = 0
        for await _ in wakes {
            let found: Found
            do {
                found = try await find()
                awaySince = nil
            } catch let error where Self.isPassing(error) {
                let since = awaySince ?? .now
                if awaySince == nil, !json {
                    try StandardOutput.line("\(accepted.service): the control plane is away, waiting")
                }
                awaySince = since
                guard ContinuousClock.now - since < Self.patience else { throw error }
                continue
            }
            switch found {
            case .rollout(let rollout):
                absent = 0
                try show(rollout, &shown)
                guard rollout.isFinished else { continue }
                if rollout.phase == "complete" { return }
                throw CommandFailure(
                    .failed, json ? "" : "\(accepted.service): \(RolloutText.end(rollout)): \(rollout.why)")
            case .queued:
                absent = 0
            case .nowhere:
                absent += 1
                guard absent >= Self.absences else { continue }
                throw CommandFailure(
                    .failed,
                    "\(accepted.service): superseded: another deploy took the place of release "
                        + "\(accepted.release.short) in the queue"
                )
            }
        }
        throw CancellationError()
    }

    private enum Found {
        case rollout(RolloutStatus)
        case queued, nowhere
    }

    private func find() async throws -> Found {
        let status = try await client.status(accepted.service)
        if let rollout = status.rollout, isOurs(rollout) { return .rollout(rollout) }
        if status.queued?.release == accepted.release { return .queued }
        if let last = status.last, isOurs(last) { return .rollout(last) }
        let history = try await client.history(accepted.service, limit: 50)
        return history.rollouts.first(where: isOurs).map { .rollout($0) } ?? .nowhere
    }

    private func isOurs(_ rollout: RolloutStatus) -> Bool {
        guard accepted.rollout.isEmpty else { return rollout.id == accepted.rollout }
        // The same release may have gone out before.
        let isEarlier = accepted.since.flatMap { since in rollout.endedAt.map { $0 < since } } ?? false
        return rollout.candidate == accepted.release && !isEarlier
    }

    private func show(_ rollout: RolloutStatus, _ shown: inout String) throws {
        let state = RolloutText.end(rollout) + (rollout.paused ? ", paused" : "")
        let line = "\(accepted.service): \(state): \(TerminalText.harmless(rollout.why))"
        guard line != shown else { return }
        shown = line
        guard !json else { return try StandardOutput.json(rollout) }
        let text = TerminalText.current
        let bar = text.isTerminal ? text.paint(TerminalText.bar(rollout.shareBasisPoints), .blue) + " " : ""
        // The failure's own message tells the end of a rollout that did not complete.
        if !rollout.isFinished || rollout.phase == "complete" { try StandardOutput.line(bar + line) }
    }

    /// Whether the control plane may be restarting just now.
    private static func isPassing(_ error: any Error) -> Bool {
        if error is ControlPlaneUnreachable { return true }
        return (error as? ProblemDetails).map { $0.status >= 500 } ?? false
    }
}
