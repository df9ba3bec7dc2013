import DeliveryAPI
import DeliveryModel
import DeliveryStore
import DeploymentDrivers
import RolloutEngine

/// Why a repository is to be looked at, and which of its branches.
struct LookWish: Sendable, Equatable {
    /// `nil`: all.
    var branches: Set<String>?
    var actor: String

    /// Both wishes in one look.
    mutating func add(_ other: LookWish) {
        if let mine = branches, let theirs = other.branches {
            branches = mine.union(theirs)
        } else {
            branches = nil
        }
        actor = other.actor
    }
}

extension DeliveryDesk {
    /// Repositories at most.
    static let repositoryLimit = 5_000
    /// Repositories fetched at once.
    static let lookLimit = 8
    static let pollRange = 1.0...86_400.0

    var repositoryList: RepositoryList {
        RepositoryList(repositories: repositories.values.sorted { $0.name < $1.name }.map(\.view))
    }

    func repository(_ name: String) throws -> KnownRepository {
        if let known = repositories[name] { return known }
        let names = repositories.keys.sorted()
        let list = names.isEmpty ? "there is none yet" : "known: " + names.prefix(20).joined(separator: ", ")
        throw ProblemDetails(
            code: "unknown-repository", title: "Unknown repository", status: 404,
            detail: "there is no repository '\(name.prefix(100))'; \(list)")
    }

    func addRepository(_ wish: RepositoryRequest, actor: String) async throws -> RepositoryStatus {
        guard ServiceName(wish.name) != nil else {
            throw Problems.badRequest(
                "'\(wish.name.prefix(100))' cannot name a repository: 1 to 63 lower-case letters, digits and '-'",
                code: "bad-repository", status: 422)
        }
        _ = try mirrors.mirror(of: wish.url)
        let poll = wish.pollSeconds ?? 60
        guard poll == 0 || Self.pollRange.contains(poll) else {
            throw Problems.badRequest(
                "pollSeconds is \(poll); expected 0, or 1 to 86400", code: "bad-repository", status: 422)
        }
        let secret = wish.webhookSecret ?? String(wish.name.uppercased().map { $0 == "-" ? "_" : $0 }) + "_WEBHOOK"
        for name in [secret] + [wish.status?.tokenSecret].compactMap({ $0 }) where !StageSecrets.isName(name) {
            throw Problems.badRequest(
                "'\(name.prefix(100))' cannot name a secret: capital letters, digits and '_'", code: "bad-repository",
                status: 422)
        }
        let added = try await alone {
            guard repositories.count < Self.repositoryLimit || repositories[wish.name] != nil else {
                throw Problems.badRequest(
                    "there are \(repositories.count) repositories, the most possible", code: "too-many", status: 422)
            }
            let before = repositories
            var repository =
                repositories[wish.name]
                ?? KnownRepository(name: wish.name, url: wish.url, pollSeconds: poll, webhookSecret: secret)
            // Another place has other commits: what was looked at here says nothing of them.
            if repository.url != wish.url { repository.heads = [:] }
            repository.url = wish.url
            repository.pollSeconds = poll
            repository.webhookSecret = secret
            repository.status = wish.status
            repositories[wish.name] = repository
            do {
                let note = try draft(
                    "repository.added", nil, actor: actor, at: await reconciler.now(),
                    DeliveryNoteData(repository: wish.name, why: GitURL(wish.url)?.description ?? wish.name))
                try await write([note], PipelineRecords(documents: try repositoriesDocument))
            } catch {
                repositories = before
                throw error
            }
            return repository
        }
        ask(added.name, LookWish(branches: nil, actor: actor))
        return added.view
    }

    func removeRepository(_ name: String, actor: String) async throws -> RepositoryList {
        try await alone {
            let removed = try repository(name)
            repositories[name] = nil
            do {
                let note = try draft(
                    "repository.removed", nil, actor: actor, at: await reconciler.now(),
                    DeliveryNoteData(repository: name, why: GitURL(removed.url)?.description ?? name))
                try await write([note], PipelineRecords(documents: try repositoriesDocument))
            } catch {
                repositories[name] = removed
                throw error
            }
        }
        return repositoryList
    }

    /// Has a repository looked at soon; returns at once.
    func ask(_ name: String, _ wish: LookWish) {
        if wishes[name] == nil { wishes[name] = wish } else { wishes[name]?.add(wish) }
        wake.yield()
    }

    /// Repositories to look at now: those that were asked for, and those whose time has come.
    func dueLooks(at now: Timestamp) -> [(String, LookWish)] {
        var due: [(String, LookWish)] = []
        for repository in repositories.values.sorted(by: { $0.name < $1.name })
        where !looking.contains(repository.name) {
            // The others' turn comes when these are done.
            if looking.count + due.count >= Self.lookLimit { break }
            if let wish = wishes.removeValue(forKey: repository.name) {
                due.append((repository.name, wish))
            } else if repository.pollSeconds > 0 {
                let isDue = repository.lookedAt.map { now - $0 >= .seconds(repository.pollSeconds) } ?? true
                if isDue { due.append((repository.name, LookWish(branches: nil, actor: "poll"))) }
            }
        }
        looking.formUnion(due.map(\.0))
        return due
    }
}
