import DeliveryAPI
import DeliveryModel
import DeliveryStore
import DeploymentDrivers
import FoundationEssentials
import Glibc
import RolloutEngine

extension DeliveryDesk {
    /// The release of a run that asks for it; `nil` when it no longer does.
    func pack(_ id: String) async throws -> ReleaseDigest? {
        guard let held = runs[id], held.run.isPacking else { return nil }
        return try await pack(held)
    }

    /// Packs a release from a clean checkout and what the stages handed on. Packed twice it is the same.
    /// - Throws: what is wrong, in words for the run.
    private func pack(_ held: DeliveryRun) async throws -> ReleaseDigest {
        trees += 1
        let place = "\(workshop)/tree-\(trees)"
        defer { try? FileManager.default.removeItem(atPath: place) }
        try? FileManager.default.removeItem(atPath: place)
        let origin = held.run.origin
        let tree = try await stages.assemble(
            TreePlan(
                repository: held.url, commit: origin.commit, directory: held.directory,
                restored: held.handedOn(to: nil), destination: place))
        let name = held.file.split(separator: "/").last.map(String.init) ?? "nonevent.yaml"
        guard let bytes = FileManager.default.contents(atPath: tree.directory + "/" + name) else {
            throw StoreError(.notFound, "\(held.file) is not in the checkout of commit \(origin.commit.prefix(12))")
        }
        let specification = try ServiceFileParser.parse([UInt8](bytes), file: held.file)
        let time = try await mirrors.mirror(of: held.url).batch(from: nil, to: origin.commit).commits.first?.time
        let source = ReleaseSource(
            root: tree.directory + "/", serviceFile: [UInt8](bytes), specification: specification,
            commit: origin.commit, committedAt: time ?? Timestamp(microseconds: 0))
        // Not on this actor: reading and hashing a large release takes its time.
        let layout = archive.directory
        let packed = try await Task.detached { try ReleasePacker().pack(source, into: layout) }.value
        try archive.register(packed.digest)
        return packed.digest
    }

    /// The result of packing.
    func packed(_ id: String, _ result: Result<ReleaseDigest, any Error>) async throws {
        try await alone {
            switch result {
            case .success(let digest): try await step(id, .packed(digest))
            case .failure(let error): try await step(id, .packFailed(why: String("\(error)".prefix(2_000))))
            }
        }
    }

    /// Deploys what a run made, because somebody wants it: of any branch, also when it does not deploy by itself.
    /// - Throws: when the run has not passed, or something that a stage handed on is no longer kept.
    func deploy(run id: String, actor: String, fix: Bool) async throws -> (ReleaseRecord, Offered) {
        var held = try stored(id)
        guard held.run.outcome == .passed else {
            throw ProblemDetails(
                code: "run-not-passed", title: "The run has not passed", status: 409,
                detail: "\(id) is \(DeliveryViews.state(held)); only what has passed can be deployed")
        }
        let digest: ReleaseDigest
        if let packed = held.run.release {
            digest = packed
        } else {
            digest = try await pack(held)
            held.run.release = digest
            let row = try held.row()
            try await alone { try await write([], PipelineRecords(runs: [row])) }
        }
        let record = try await record(of: digest)
        return (record, try await deploy(record, actor: actor, fix: fix, branch: held.run.origin.branch))
    }

    /// Trees that a control plane before this one left.
    func sweepWorkshop() {
        for name in (try? FileManager.default.contentsOfDirectory(atPath: workshop)) ?? [] {
            try? FileManager.default.removeItem(atPath: workshop + "/" + name)
        }
    }
}
