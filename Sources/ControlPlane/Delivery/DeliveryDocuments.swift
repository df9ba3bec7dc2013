import DeliveryAPI
import DeliveryModel
import DeliveryStore
import RolloutEngine

/// A repository whose commits are built, as it is stored.
struct KnownRepository: Codable, Sendable, Equatable {
    var name: String
    var url: String
    /// 0: only when told.
    var pollSeconds: Double
    /// Name of the secret that its webhooks are signed with.
    var webhookSecret: String
    var status: CommitStatusSetting?
    /// Branch to the commit that was looked at last: what came of that commit is stored with it.
    var heads: [String: String] = [:]
    /// Services of the branch looked at last that deploys one.
    var services: [ServiceName] = []
    var lookedAt: Timestamp?
    var problem: String?

    var view: RepositoryStatus {
        RepositoryStatus(
            // Without a password, if there is one in it.
            name: name, url: GitURL(url)?.description ?? url, pollSeconds: pollSeconds, webhookSecret: webhookSecret,
            status: status, heads: heads,
            services: services, lookedAt: lookedAt, problem: problem)
    }
}

/// A pipeline run with all that carrying it out needs, as it is stored.
struct DeliveryRun: Codable, Sendable, Equatable {
    var run: PipelineRun
    /// Of the service, from 1.
    var number: Int
    /// Of the repository, when the run was made.
    var url: String
    /// Path of the service file below the top of the repository.
    var file: String
    var pipeline: PipelineSpecification
    var deploy: DeploySpecification
    /// When it has passed, it goes to production.
    var deploys: Bool
    /// Stages have begun; until then a newer commit takes its place.
    var isBegun = false
    /// The newest first.
    var commits: [PipelineCommit]
    /// By attempt.
    var facts: [String: StageFacts] = [:]
    /// What a person should know, in sentences.
    var notes: [String] = []
    /// The state that the forge was told last.
    var toldState: String?

    /// Directory of the service file, empty for the top.
    var directory: String { RepositoryLook.directory(of: file) }

    /// What an attempt left.
    struct StageFacts: Codable, Sendable, Equatable {
        var key: String
        @InSeconds var duration: Duration
        var tests: PipelineTestCounts?
        var notes: [String]
    }

    func row() throws -> PipelineRunRow {
        PipelineRunRow(
            id: run.id, service: run.service.text, number: number, repository: run.origin.repository,
            branch: run.origin.branch, commit: run.origin.commit, startedAt: run.createdAt,
            isOpen: run.outcome == nil, json: try StoredForms.json(self))
    }

    /// Keys of what the stages before `stage` hand on, in their order; of all stages when `nil`.
    func handedOn(to stage: String?) -> [String] {
        let before = stage.map { pipeline.ancestors(of: $0) } ?? pipeline.stages
        return before.compactMap { stage in
            guard stage.cache?.paths.isEmpty == false,
                let attempt = run[stage.name]?.attempts.last(where: {
                    $0.ending?.kind == .passed || $0.ending?.kind == .cached
                }),
                let key = facts[attempt.id]?.key, !key.isEmpty
            else { return nil }
            return key
        }
    }
}

/// The newest commit of a service that a pipeline has offered to the deploy queue.
struct OfferedCommit: Codable, Sendable, Equatable {
    var number: Int
    var commit: String
}

/// Keys of the documents in the store.
enum DeliveryDocument {
    static let repositories = "repositories"
    static let queue = "queue"
    static let durations = "durations"
    static let offers = "offers"
}

/// What journal entries of pipelines and of the queue say.
struct DeliveryNoteData: Codable, Sendable, Equatable {
    var run: String?
    var repository: String?
    var branch: String?
    var commit: String?
    var commits: [String]?
    var stage: String?
    var attempt: String?
    var release: ReleaseDigest?
    var fix: Bool?
    var why: String

    func draft(_ kind: String, service: ServiceName?, actor: String, at now: Timestamp) throws -> JournalDraft {
        JournalDraft(
            time: now, service: service?.text, kind: kind, actor: actor, data: try StoredForms.json(self))
    }
}
