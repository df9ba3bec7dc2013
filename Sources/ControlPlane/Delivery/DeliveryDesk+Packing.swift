import DeliveryModel
import DeliveryStore
import DeploymentDrivers
import FoundationEssentials
import Glibc
import RolloutEngine

extension DeliveryDesk {
    /// Packs the release of a run from a clean checkout and what its stages handed on. Packed twice it is the same.
    /// - Throws: what is wrong, in words for the run.
    func pack(_ id: String) async throws -> ReleaseDigest? {
        guard let held = runs[id], held.run.isPacking else { return nil }
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

    /// Trees that a control plane before this one left.
    func sweepWorkshop() {
        for name in (try? FileManager.default.contentsOfDirectory(atPath: workshop)) ?? [] {
            try? FileManager.default.removeItem(atPath: workshop + "/" + name)
        }
    }
}
