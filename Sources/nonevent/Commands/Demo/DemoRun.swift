import DeliveryAPI
import DeliveryModel
import FoundationEssentials

/// Delivers one change after another under load and writes down what people saw.
struct DemoRun: Sendable {
    /// Requests that are still under way when a step ends belong to it.
    static let settle = Duration.milliseconds(1500)
    static let journalPage = 1000

    let server: DemoServer
    let client: ControlPlaneClient
    let service: ServiceName
    let news: DemoNews
    let rate: Int

    func run() async throws -> [DemoRow] {
        let first = try await deploy(.first, samples: nil)
        news.say("\(rate) requests a second from now on, each from a new person", .bold)
        let load = try await LoadGenerator.start(target: try server.traffic(), rate: rate)
        do {
            let told = try await lastSequence()
            let rows = try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await news.follow(client, service: service, after: told, samples: load.samples) }
                defer { group.cancelAll() }
                var rows = [first]
                let good = try await deploy(.good, samples: load.samples)
                rows.append(good)
                for step in DemoStep.bad { rows.append(try await deploy(step, samples: load.samples)) }
                rows.append(try await undoByHand(good, to: first, samples: load.samples))
                return rows
            }
            await load.stop()
            return rows
        } catch {
            await load.stop()
            throw error
        }
    }

    private func deploy(_ step: DemoStep, samples: LoadSamples?) async throws -> DemoRow {
        let before = samples?.count ?? 0
        let last = try await lastSequence()
        let commit = try await server.repository.commit(step.changes, message: step.message)
        news.say("Deploying \(step.name): commit \(commit.prefix(12)) “\(step.message)”", .bold)
        let result = try await server.command(["deploy", "--wait", "--file", server.repository.serviceFile])
        if samples != nil { try await Task.sleep(for: Self.settle) }
        guard let rollout = try await client.history(service, limit: 5).rollouts.first(where: { $0.commit == commit })
        else {
            throw CommandFailure(.failed, "deploying \(step.name) made no rollout: \(result.error)\(result.output)")
        }
        let seen = samples?.after(before) ?? []
        let candidate = rollout.candidate.hex
        let ownErrors = seen.count { sample in
            // 500 is what the example answers when it fails; any other error is not its own doing.
            step.isFaulty && sample.status == 500 && !sample.release.isEmpty && candidate.hasPrefix(sample.release)
        }
        var row = DemoRow(
            name: step.name, commit: commit, release: rollout.candidate.short, outcome: RolloutText.end(rollout),
            requests: seen.count, errors: seen.count(where: \.isError), errorsOfCandidate: ownErrors,
            secondsToDecision: rollout.endedAt.map { ($0 - rollout.startedAt).inSeconds }, why: rollout.why,
            problems: [])
        if step.end == .undone {
            let decided = try await time(of: "rollout.undone", after: last) ?? rollout.endedAt
            row.millisecondsToGone = decided.map { Self.gone(candidate, after: $0, seen) }
        }
        if rollout.phase != step.end.rawValue {
            row.problems.append("expected \(step.end.rawValue), found \(row.outcome): \(rollout.why)")
        }
        if result.succeeded != (step.end == .complete) {
            row.problems.append("`nonevent deploy --wait` should end \(step.end == .complete ? "well" : "with code 1")")
        }
        if row.errors != ownErrors {
            row.problems.append("\(row.errors - ownErrors) requests failed that the candidate did not fail itself")
        }
        return row
    }

    private func undoByHand(_ good: DemoRow, to first: DemoRow, samples: LoadSamples) async throws -> DemoRow {
        let before = samples.count
        let last = try await lastSequence()
        news.say("Undoing \(good.name) by hand", .bold)
        let result = try await server.command(["undo", service.text, "--to", first.commit])
        try await Task.sleep(for: Self.settle)
        let seen = samples.after(before)
        let status = try await client.status(service)
        var row = DemoRow(
            name: good.name + ", undone by hand", commit: good.commit, release: good.release,
            outcome: status.live?.commit == first.commit
                ? "back on v1" : "still on \(status.live?.release.short ?? "none")",
            requests: seen.count, errors: seen.count(where: \.isError), errorsOfCandidate: 0,
            why: result.output.split(whereSeparator: \.isNewline).joined(separator: " "), problems: [])
        row.millisecondsToGone = try await time(of: "undo", after: last).map {
            Self.gone(good.release, after: $0, seen)
        }
        if !result.succeeded { row.problems.append("`nonevent undo` fails: \(result.error)") }
        if status.live?.commit != first.commit { row.problems.append("traffic is not back on the first release") }
        if row.millisecondsToGone == nil { row.problems.append("the journal has no entry of the undo") }
        if row.errors > 0 { row.problems.append("\(row.errors) requests failed because of the undo") }
        return row
    }

    /// Milliseconds from `decision` to the last answer of a release that began after it.
    static func gone(_ release: String, after decision: Timestamp, _ seen: [LoadSample]) -> Double {
        let late = seen.filter { !$0.release.isEmpty && release.hasPrefix($0.release) && $0.began > decision }
        return late.map { ($0.began - decision).inSeconds * 1000 }.max() ?? 0
    }

    private func lastSequence() async throws -> Int64 {
        var last: Int64 = 0
        while let end = try await client.journal(after: last, limit: Self.journalPage).entries.last {
            last = end.sequence
        }
        return last
    }

    private func time(of kind: String, after sequence: Int64) async throws -> Timestamp? {
        try await client.journal(after: sequence, limit: Self.journalPage, service: service).entries
            .first { $0.kind == kind }?.time
    }
}
