import DeliveryAPI
import DeliveryModel
import DeploymentDrivers

/// What is new on one branch of a repository.
struct LookedBranch: Sendable {
    var branch: String
    var commit: String
    /// Services whose files changed since the commit before.
    var services: [LookedService]
    /// Every service of the commit, changed or not.
    var names: [ServiceName]
    /// Service files that cannot be used, and why; other things that a person should know.
    var problems: [String]
    /// A service of the commit names this branch as its trunk.
    var isTrunk: Bool
}

/// A service whose files changed.
struct LookedService: Sendable {
    /// Path of its service file below the top.
    var file: String
    var specification: ServiceSpecification
    /// The newest first.
    var commits: [PipelineCommit]
    var notes: [String]
}

/// Reads from a mirror what a commit means for its services. Looks only.
struct RepositoryLook: Sendable {
    /// Problems told of one commit.
    static let problemLimit = 20

    let mirror: GitMirror
    /// The newest commit of each service that went out, or is about to: what is shipped since begins there.
    let offered: [ServiceName: String]

    /// - Parameters:
    ///   - before: the commit of the branch that was looked at last; `nil`: all services count as changed.
    ///   - cache: specifications that are known; those read are added.
    ///   - everything: all services count as changed.
    func branch(
        _ branch: String, at commit: String, since before: String?, everything: Bool,
        _ cache: inout SpecificationCache
    ) async throws -> LookedBranch {
        var looked = LookedBranch(
            branch: branch, commit: commit, services: [], names: [], problems: [], isTrunk: false)
        let files = try await mirror.serviceFiles(at: commit)
        if files.isEmpty { looked.problems.append("commit \(commit.prefix(12)) has no nonevent.yaml in any directory") }
        let changes = try await mirror.changedPaths(from: before, to: commit)
        var seen: [ServiceName: String] = [:]
        for file in files {
            let specification: ServiceSpecification
            switch try await read(file, &cache) {
            case .bad(let why):
                looked.problems.append(why)
                continue
            case .good(let good): specification = good
            }
            let service = specification.service
            if let other = seen[service] {
                looked.problems.append(
                    "\(file.path) and \(other) both describe service '\(service)'; the second is left out")
                continue
            }
            seen[service] = file.path
            looked.names.append(service)
            let isTrunk = specification.deploy.trunk == branch
            looked.isTrunk = looked.isTrunk || isTrunk
            guard Self.isChanged(file.path, specification.deploy, everything ? nil : changes.paths)
            else { continue }
            let since = isTrunk ? offered[service] ?? before : before
            // With paths of its own, a service may change anywhere.
            let directory = specification.deploy.paths.isEmpty ? Self.directory(of: file.path) : ""
            var batch = try await mirror.batch(
                from: since == commit ? before : since, to: commit, below: directory)
            if batch.commits.isEmpty { batch.commits = try await mirror.batch(from: nil, to: commit).commits }
            looked.services.append(
                LookedService(
                    file: file.path, specification: specification,
                    commits: Self.commits(batch, commit),
                    // That a branch is new is no news.
                    notes: before == nil ? [] : Set([changes.note, batch.note]).filter { !$0.isEmpty }.sorted()))
        }
        looked.problems = Array(looked.problems.prefix(Self.problemLimit))
        return looked
    }

    private func read(
        _ file: GitFile, _ cache: inout SpecificationCache
    ) async throws -> SpecificationCache.Reading {
        // Where the file lies is part of what is wrong with it.
        let key = file.object + " " + file.path
        if let known = cache[key] { return known }
        let reading: SpecificationCache.Reading
        do {
            let bytes = try await mirror.contents(of: file)
            reading = .good(try ServiceFileParser.parse(bytes, file: file.path))
        } catch let error as ServiceFileError {
            reading = .bad(error.problems.map(\.description).joined(separator: "; "))
        }
        cache[key] = reading
        return reading
    }

    /// - Parameter paths: that differ; `nil`: all.
    static func isChanged(_ file: String, _ deploy: DeploySpecification, _ paths: [String]?) -> Bool {
        guard let paths else { return true }
        // A change of the service file itself always counts.
        if paths.contains(file) { return true }
        guard deploy.paths.isEmpty else {
            let patterns = deploy.paths.compactMap(PathPattern.init)
            return paths.contains { path in patterns.contains { $0.matches(path) } }
        }
        let directory = Self.directory(of: file)
        return directory.isEmpty ? !paths.isEmpty : paths.contains { $0.hasPrefix(directory + "/") }
    }

    /// Of a service file, without a `/` at its end; empty for the top.
    static func directory(of file: String) -> String { file.lastIndex(of: "/").map { String(file[..<$0]) } ?? "" }

    private static func commits(_ batch: GitBatch, _ commit: String) -> [PipelineCommit] {
        let listed = batch.commits.map {
            PipelineCommit(commit: $0.commit, subject: $0.subject, author: $0.author)
        }
        return listed.isEmpty ? [PipelineCommit(commit: commit, subject: "", author: "")] : listed
    }
}
