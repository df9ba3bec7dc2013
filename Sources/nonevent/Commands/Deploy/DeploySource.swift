import DeliveryModel
import DeliveryStore
import FoundationEssentials

/// What is deployed: which files, under which name.
struct DeploySource: Sendable {
    /// How many changed files a refusal names.
    static let shownChanges = 5
    var root: String
    var commit: String
    var committedAt: Timestamp
    /// The work tree has changes that the commit has not.
    var isDirty: Bool

    /// - Parameters:
    ///   - directory: where the service file is.
    ///   - place: a temporary directory, for the files of another commit than the one checked out.
    static func find(
        directory: String, commit wanted: String?, allowDirty: Bool, epoch: Int64?, place: String
    ) async throws -> DeploySource {
        guard let checkout = try await GitCheckout.around(directory) else {
            guard let wanted else {
                throw CommandFailure(
                    .failed,
                    "\(directory) is in no git checkout: name what you deploy with --commit, for example a build number"
                )
            }
            // Without git nothing tells when the files were made; a fixed time keeps the digest the same at every try.
            return DeploySource(
                root: directory, commit: wanted, committedAt: Timestamp(microseconds: (epoch ?? 0) * 1_000_000),
                isDirty: false)
        }
        let head = try await checkout.commit("HEAD")
        if let wanted {
            guard let commit = try await checkout.commit(wanted) else {
                throw CommandFailure(
                    .failed, "no commit '\(wanted)' in \(checkout.top); fetch it, or look at `git log`")
            }
            if commit != head {
                let time = try await checkout.time(of: commit)
                return DeploySource(
                    root: try await checkout.extract(commit, below: place), commit: commit,
                    committedAt: Timestamp(microseconds: time * 1_000_000), isDirty: false)
            }
        }
        guard let head else {
            throw CommandFailure(.failed, "\(checkout.top) has no commit yet: make one with `git commit`")
        }
        let changes = try await checkout.changes()
        guard changes.isEmpty || allowDirty else { throw dirty(changes) }
        return DeploySource(
            root: directory, commit: head,
            committedAt: Timestamp(microseconds: try await checkout.time(of: head) * 1_000_000),
            isDirty: !changes.isEmpty)
    }

    private static func dirty(_ changes: [String]) -> CommandFailure {
        let shown = changes.prefix(shownChanges).map { "  " + TerminalText.harmless($0) }.joined(separator: "\n")
        let more = changes.count > shownChanges ? "\n  and \(changes.count - shownChanges) more" : ""
        return CommandFailure(
            .failed,
            "the work tree has changes that are in no commit:\n\(shown)\(more)\n"
                + "Commit them, or deploy them as they are with --allow-dirty")
    }
}

extension DeploySource {
    /// Packs the files into an OCI layout. A dirty tree gets a name of its own, from its content: packed twice, as the
    /// name is part of
    /// the release.
    func pack(
        serviceFile: [UInt8], specification: ServiceSpecification, epoch: String?, layout: String
    ) throws -> (release: PackedRelease, commit: String) {
        let packer = try ReleasePacker(sourceDateEpoch: epoch)
        var source = ReleaseSource(
            root: root, serviceFile: serviceFile, specification: specification, commit: commit,
            committedAt: committedAt)
        let packed = try packer.pack(source, into: layout)
        guard isDirty else { return (packed, commit) }
        source.commit = commit + "-dirty-" + packed.digest.hex.prefix(8)
        return (try packer.pack(source, into: layout), source.commit)
    }
}
