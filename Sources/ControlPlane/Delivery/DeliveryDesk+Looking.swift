import DeliveryAPI
import DeliveryModel
import DeliveryStore
import DeploymentDrivers
import RolloutEngine

extension DeliveryDesk {
    /// Branches that are tried as the first one of a repository that was just added.
    private static let usualTrunks = ["main", "master", "trunk"]

    /// Fetches a repository and makes runs of what is new in it.
    /// - Parameter again: also of commits that were looked at already.
    /// - Returns: ids of the runs, in the order of their making.
    /// - Throws: when it cannot be fetched; the repository's `problem` says so too, and nothing else has changed.
    @discardableResult
    func look(at name: String, _ wish: LookWish, again: Bool = false) async throws -> [String] {
        let repository = try repository(name)
        do {
            let fetched = try await mirrors.fetch(repository.url)
            let mirror = try mirrors.mirror(of: repository.url)
            var made: [String] = []
            var problems = fetched.notes.filter { !$0.isEmpty }
            for (branch, commit) in try await branchesToLookAt(repository, fetched, wish, again, mirror) {
                let looked = try await look(mirror, name, branch, commit, everything: again)
                problems += looked.problems
                made += try await make(looked, name, actor: wish.actor, again: again)
            }
            try await forget(branchesMissingIn: fetched.branches, name)
            try await note(problems.isEmpty ? nil : problems.joined(separator: "; "), name)
            return made
        } catch {
            try? await note("\(error)", name)
            throw error
        }
    }

    private func branchesToLookAt(
        _ repository: KnownRepository, _ fetched: GitFetch, _ wish: LookWish, _ again: Bool, _ mirror: GitMirror
    ) async throws -> [(String, String)] {
        let wanted = fetched.branches.filter { branch, commit in
            (wish.branches?.contains(branch) ?? true) && (again || repository.heads[branch] != commit)
        }
        if again, let asked = wish.branches, wanted.isEmpty {
            throw Problems.badRequest(
                "\(repository.name) has no branch '\(asked.sorted().joined(separator: ", ").prefix(200))'",
                code: "unknown-branch", status: 404)
        }
        let sorted = wanted.sorted { $0.key < $1.key }
        guard repository.heads.isEmpty, !again else { return sorted }
        // Seen for the first time: only what deploys is run; other branches are, from their next commit on.
        let trunks = try await trunks(fetched.branches, mirror)
        let others = fetched.branches.filter { !trunks.contains($0.key) }
        try await alone {
            var changed = try self.repository(repository.name)
            changed.heads = others
            try await keep(changed)
        }
        return fetched.branches.filter { trunks.contains($0.key) }.sorted { $0.key < $1.key }
    }

    /// Branches that service files name as trunks, found from the branch that usually is one.
    private func trunks(_ branches: [String: String], _ mirror: GitMirror) async throws -> Set<String> {
        let first = Self.usualTrunks.first { branches[$0] != nil } ?? branches.keys.min()
        guard let first, let commit = branches[first] else { return [] }
        var named: Set<String> = [first]
        for file in try await mirror.serviceFiles(at: commit) {
            guard let bytes = try? await mirror.contents(of: file),
                let specification = try? ServiceFileParser.parse(bytes, file: file.path)
            else { continue }
            named.insert(specification.deploy.trunk)
        }
        return named
    }

    private func look(
        _ mirror: GitMirror, _ name: String, _ branch: String, _ commit: String, everything: Bool
    ) async throws -> LookedBranch {
        var cache = specifications
        let look = RepositoryLook(mirror: mirror, offered: offers.mapValues(\.commit))
        let heads = try repository(name).heads
        var before = heads[branch]
        if before == nil, let trunk = Self.usualTrunks.lazy.compactMap({ heads[$0] }).first {
            // A new branch: what it changed since it left the trunk.
            before = try await mirror.forkPoint(of: commit, and: trunk)
        }
        let looked = try await look.branch(branch, at: commit, since: before, everything: everything, &cache)
        specifications = cache
        return looked
    }

    /// Stores what a look found: the branch's new head and the runs, in one transaction.
    private func make(
        _ looked: LookedBranch, _ name: String, actor: String, again: Bool
    ) async throws -> [String] {
        try await alone {
            var repository = try self.repository(name)
            // Another look was quicker.
            if !again, repository.heads[looked.branch] == looked.commit { return [] }
            let now = await reconciler.now()
            repository.heads[looked.branch] = looked.commit
            if looked.isTrunk { repository.services = looked.names.sorted() }
            var made: [DeliveryRun] = []
            var drafts: [JournalDraft] = []
            for problem in looked.problems {
                drafts.append(
                    try draft(
                        "pipeline.refused", nil, actor: actor, at: now,
                        DeliveryNoteData(
                            repository: name, branch: looked.branch, commit: looked.commit, why: problem)))
            }
            for service in looked.services {
                if let owner = repositories.values.first(where: {
                    $0.name != name && $0.services.contains(service.specification.service)
                }) {
                    drafts.append(
                        try draft(
                            "pipeline.refused", service.specification.service, actor: actor, at: now,
                            DeliveryNoteData(
                                repository: name, branch: looked.branch, commit: looked.commit,
                                why: "service '\(service.specification.service)' is of repository "
                                    + "'\(owner.name)' already")))
                    continue
                }
                made.append(try run(of: service, looked, repository, actor: actor, at: now))
            }
            let before = repositories
            repositories[name] = repository
            do {
                try await write(
                    drafts,
                    PipelineRecords(documents: try repositoriesDocument, runs: try made.map { try $0.row() }))
            } catch {
                repositories = before
                throw error
            }
            report(mistakes: looked.problems, of: looked.commit, in: name)
            for run in made { try await replaceUnbegun(by: run) }
            wake.yield()
            return made.map(\.run.id)
        }
    }

    private func run(
        of looked: LookedService, _ branch: LookedBranch, _ repository: KnownRepository, actor: String,
        at now: Timestamp
    ) throws -> DeliveryRun {
        let specification = looked.specification
        let service = specification.service
        let number = try database.lastRunNumber(service: service.text) + 1
        let deploys = specification.deploy.auto && specification.deploy.trunk == branch.branch
        let origin = PipelineOrigin(
            repository: repository.name, branch: branch.branch, commit: branch.commit,
            commits: looked.commits.reversed().map(\.commit), actor: actor)
        let run = PipelineRun(
            id: "\(service)-p\(number)", service: service, origin: origin, pipeline: specification.pipeline,
            parallel: parallelRuns, packs: deploys, at: now)
        return DeliveryRun(
            run: run, number: number, url: repository.url, file: looked.file, pipeline: specification.pipeline,
            deploy: specification.deploy, deploys: deploys, commits: looked.commits, notes: looked.notes)
    }

    /// Runs of the same service and branch that have not begun give way: the newer one has their commits too.
    private func replaceUnbegun(by newer: DeliveryRun) async throws {
        let older = runs.values.filter { run in
            !run.isBegun && run.run.service == newer.run.service && run.run.origin.branch == newer.run.origin.branch
        }
        var newer = newer
        let listed = Set(newer.commits.map(\.commit))
        for run in older.sorted(by: { $0.number > $1.number }) {
            newer.commits += run.commits.filter { !listed.contains($0.commit) }
            newer.deploys = newer.deploys || run.deploys
        }
        newer.run.origin.commits = newer.commits.reversed().map(\.commit)
        runs[newer.run.id] = newer
        for run in older {
            try await step(run.run.id, .cancel(actor: "nonevent", why: "superseded by \(newer.run.id)"))
        }
        if !older.isEmpty { try await write([], PipelineRecords(runs: [try newer.row()])) }
    }

    /// What the last look came to; written only when it is news.
    private func note(_ problem: String?, _ name: String) async throws {
        try await alone {
            guard var known = repositories[name] else { return }
            let isNews = known.problem != problem
            known.problem = problem.map { String($0.prefix(2_000)) }
            known.lookedAt = await reconciler.now()
            repositories[name] = known
            if isNews { try await write([], PipelineRecords(documents: try repositoriesDocument)) }
        }
    }

    private func forget(branchesMissingIn branches: [String: String], _ name: String) async throws {
        try await alone {
            guard var known = repositories[name], known.heads.contains(where: { branches[$0.key] == nil }) else {
                return
            }
            known.heads = known.heads.filter { branches[$0.key] != nil }
            try await keep(known)
        }
    }

    private func keep(_ repository: KnownRepository) async throws {
        let before = repositories
        repositories[repository.name] = repository
        do { try await write([], PipelineRecords(documents: try repositoriesDocument)) } catch {
            repositories = before
            throw error
        }
    }
}
