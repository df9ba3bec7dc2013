import DeliveryAPI
import DeliveryModel
import DeliveryStore
import DeploymentDrivers
import Logging
import RolloutEngine

/// Tells forges how their commits fare. What it could not tell it tries again a few times, and says so in the log: a
/// forge that is away holds nothing up.
struct CommitStatusReporter: Sendable {
    /// Runs that ended before this control plane started and may not have been told.
    static let recentRuns = 50

    let desk: DeliveryDesk
    let client: CommitStatusClient

    func run() async {
        for await news in desk.statuses { await tell(news) }
    }

    private func tell(_ news: DeliveryDesk.StatusNews) async {
        guard let setting = await desk.statusSetting(news.repository),
            let url = GitURL("https://forge/" + setting.project),
            let target = CommitStatusTarget(
                forge: setting.forge == .github ? .github : .gitea, repository: url, base: setting.url)
        else { return }
        do {
            let token = try desk.secrets.value(of: setting.tokenSecret)
            try await client.report(news.status, of: news.commit, at: target, token: token)
            await desk.told(news)
        } catch {
            desk.logger.warning("the status of \(news.run ?? news.commit) was not told", metadata: ["why": "\(error)"])
        }
    }
}

extension DeliveryDesk {
    /// What a forge is to be told of a run, or of a commit that has none.
    struct StatusNews: Sendable {
        /// `nil`: the commit has none, since its service file has mistakes.
        var run: String?
        var repository: String
        var commit: String
        var status: CommitStatus
        var state: String
    }

    func statusSetting(_ repository: String) -> CommitStatusSetting? { repositories[repository]?.status }

    /// Has a run's state told, if its forge does not know it yet.
    func report(_ held: DeliveryRun) {
        let origin = held.run.origin
        guard repositories[origin.repository]?.status != nil else { return }
        let state: CommitStatus.State
        switch held.run.outcome {
        case nil: state = .pending
        case .passed: state = .success
        case .failed: state = held.run.stages.contains { $0.status == .failed } ? .failure : .error
        case .cancelled: state = .error
        }
        guard held.toldState != state.rawValue, askedStates[held.run.id] != state.rawValue else { return }
        askedStates[held.run.id] = held.run.outcome == nil ? state.rawValue : nil
        let failed = held.run.stages.first { $0.status == .failed }?.name
        let words = failed.map { "\($0) failed (\(held.run.id))" } ?? "\(held.run.why) (\(held.run.id))"
        statusQueue.yield(
            StatusNews(
                run: held.run.id, repository: origin.repository, commit: origin.commit,
                status: CommitStatus(state: state, context: "nonevent/\(held.run.service)", description: words),
                state: state.rawValue))
    }

    /// Has it told that a commit cannot be delivered as it is: there is no run that could say so.
    func report(mistakes: [String], of commit: String, in repository: String) {
        guard let first = mistakes.first, repositories[repository]?.status != nil else { return }
        let words = mistakes.count > 1 ? "\(first) (and \(mistakes.count - 1) more)" : first
        statusQueue.yield(
            StatusNews(
                run: nil, repository: repository, commit: commit,
                status: CommitStatus(state: .error, context: "nonevent", description: words),
                state: CommitStatus.State.error.rawValue))
    }

    /// Remembers it, so that a restart does not tell it again. Not worth a failure.
    func told(_ news: StatusNews) async {
        try? await alone {
            guard let run = news.run, var held = try? stored(run) else { return }
            held.toldState = news.state
            if runs[run] != nil { runs[run] = held }
            try await write([], PipelineRecords(runs: [try held.row()]))
        }
    }

    /// What a control plane before this one may not have told.
    func reportRecent() throws {
        for row in try database.runs(limit: CommitStatusReporter.recentRuns) {
            report(try StoredForms.decode(DeliveryRun.self, row.json))
        }
    }
}
