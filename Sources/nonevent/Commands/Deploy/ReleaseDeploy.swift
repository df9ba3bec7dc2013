import ArgumentParser
import DeliveryAPI
import DeliveryModel
import DeliveryStore
import FoundationEssentials

struct DeployCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "deploy",
        abstract: "Pack a commit as a release and begin its rollout.",
        discussion: """
            Packs the files that the service file names, uploads what the control plane lacks, and begins. With \
            --wait follows the \
            rollout: exit code 0 when it is complete, 1 when it was undone. When something stands in its way (a \
            rollout, a hold, a limit) it waits in the queue, see `nonevent queue`. Honours SOURCE_DATE_EPOCH.
            Example: nonevent deploy --wait
            """)

    @Option(help: ArgumentHelp("The service file.", valueName: "file"))
    var file = "nonevent.yaml"
    @Option(help: ArgumentHelp("Deploy this commit instead of the one checked out.", valueName: "commit"))
    var commit: String?
    @Option(help: "Deploy the newest commit of this branch, as a candidate like any other, though it is not the trunk.")
    var branch: String?
    @Flag(help: "It mends what is broken: goes before others, and out although the error budget is spent. Recorded.")
    var fix = false
    @Flag(help: "Follow the rollout to its end.")
    var wait = false
    @Flag(help: "Deploy changes that are in no commit, too.")
    var allowDirty = false
    @OptionGroup var output: OutputOptions
    @OptionGroup var controlPlane: ControlPlaneOptions

    func validate() throws {
        if branch != nil, commit != nil { throw ValidationError("one of --branch and --commit, not both") }
    }

    func run() async throws {
        let place = FileManager.default.temporaryDirectory.path + "/nonevent-deploy-" + ControlPlaneClient.randomKey()
        try FileManager.default.createDirectory(
            atPath: place, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        do {
            try await deploy(place: place)
            try? FileManager.default.removeItem(atPath: place)
        } catch {
            try? FileManager.default.removeItem(atPath: place)
            throw error
        }
    }

    private func deploy(place: String) async throws {
        // Asked first: packing is wasted when there is nobody to send the release to.
        let location = try controlPlane.location()
        let path = file.hasPrefix("/") ? file : FileManager.default.currentDirectoryPath + "/" + file
        let name = path.split(separator: "/").last.map(String.init) ?? file
        var bytes = try ServiceFileBytes.read(file)
        var specification = try ServiceFileParser.parse(bytes, file: file)
        let epoch = ProcessInfo.processInfo.environment["SOURCE_DATE_EPOCH"]
        let directory = String(path.dropLast(name.count))
        let source = try await DeploySource.find(
            directory: directory, commit: try await wanted(directory), allowDirty: allowDirty,
            epoch: epoch.flatMap { Int64($0) },
            place: place)
        if source.root != directory {
            let file = source.root + "/" + name
            bytes = try ServiceFileBytes.read(file)
            specification = try ServiceFileParser.parse(bytes, file: file)
        }
        let service = specification.service
        if let branch, try await deployPassedRun(service, branch, source.commit, location) { return }
        let packed: (release: PackedRelease, commit: String)
        do {
            packed = try source.pack(
                serviceFile: bytes, specification: specification, epoch: epoch, layout: place + "/layout")
        } catch let error as StoreError where error.code == .refused || error.code == .notFound {
            throw CommandFailure(.badInput, error.message)
        }
        try await ControlPlaneClient.with(location) { client in
            try await upload(packed.release, layout: place + "/layout", client: client)
            let accepted = try await client.deploy(
                service, DeployRequest(release: packed.release.digest, fix: fix ? true : nil, branch: branch))
            try await follow(accepted, client)
        }
    }

    private func follow(_ accepted: DeployAccepted, _ client: ControlPlaneClient) async throws {
        try show(accepted)
        guard wait, accepted.outcome != .live else { return }
        try await DeployWait(client: client, accepted: accepted, json: output.json).run()
    }

    /// What the control plane's pipeline made of the branch's commit has what its stages built, which a checkout lacks.
    /// - Returns: `false` when no such run has passed.
    private func deployPassedRun(
        _ service: ServiceName, _ branch: String, _ commit: String, _ location: ControlPlaneLocation
    ) async throws -> Bool {
        try await ControlPlaneClient.with(location) { client in
            let newest = try await client.pipelineRuns(service: service, branch: branch, limit: 1).runs.first
            guard let newest, newest.commit == commit, newest.state == "passed" else { return false }
            try await follow(try await client.deploy(run: newest.id, fix: fix), client)
            return true
        }
    }

    /// The commit that is named, or that of the branch: the one here, else the one that was fetched last.
    private func wanted(_ directory: String) async throws -> String? {
        guard let branch, let checkout = try await GitCheckout.around(directory) else { return commit ?? branch }
        for name in ["refs/heads/" + branch, "refs/remotes/origin/" + branch] {
            if let found = try await checkout.commit(name) { return found }
        }
        throw CommandFailure(
            .failed, "no branch '\(branch)' in \(checkout.top), nor at origin; fetch it, or look at `git branch -a`")
    }

    private func upload(_ release: PackedRelease, layout: String, client: ControlPlaneClient) async throws {
        // The manifest comes last: who has it has everything that it names.
        for digest in release.blobs.map(\.digest) + [release.digest] where try await !client.hasBlob(digest) {
            try await client.putBlob(digest, file: layout + "/blobs/sha256/" + digest.hex)
        }
    }

    private func show(_ accepted: DeployAccepted) throws {
        guard !output.json else { return try StandardOutput.json(accepted) }
        let what = "release \(accepted.release.short) (commit \(TerminalText.commit(accepted.commit)))"
        let outcome =
            switch accepted.outcome {
            case .started: "rollout of \(what) has begun"
            case .queued:
                "\(what) waits for "
                    + TerminalText.harmless(
                        (accepted.waitsFor ?? []).first ?? "the running rollout to end")
            case .live: "\(what) serves already: nothing to do"
            }
        try StandardOutput.line("\(accepted.service): \(outcome)")
        if let superseded = accepted.superseded {
            try StandardOutput.line(
                "\(accepted.service): it takes the place of release \(superseded.short) in the queue")
        }
    }
}
