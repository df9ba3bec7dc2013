public import DeliveryModel
import Glibc

/// Carries stages out as processes of this machine.
///
/// In its directory: `attempts/<attempt>/` while an attempt is under way (`tree`, `home`), `outputs/<attempt>/`,
/// `cache/<key>/`. Stages run as the user of the control plane: their limits are time, output and what they hand on,
/// not what they may do.
public actor ProcessStageDriver: StageDriver {
    /// Outputs are counted once in so many attempts.
    private static let sweepInterval = 20
    /// How long a supervisor that lost its control plane may take to end its stage.
    private static let orphanLimit = Duration.seconds(15)

    nonisolated let directory: String
    nonisolated let limits: StageLimits
    nonisolated let cache: StageCache
    nonisolated let context: StageContext
    private var running: [String: (task: Task<StageResult, Never>, stop: CancelMark)] = [:]
    private var begun = 0

    /// - Parameters:
    ///   - directory: absolute path, for this driver alone.
    ///   - executable: absolute path of the `nonevent` binary, started as `nonevent shim --stage`.
    ///   - mirrors: where repositories come from.
    public init(
        directory: String, executable: String, mirrors: GitMirrors, secrets: StageSecrets,
        limits: StageLimits = StageLimits()
    ) {
        let path = Self.canonical(directory)
        self.directory = path
        self.limits = limits
        cache = StageCache(
            directory: path + "/cache", byteLimit: limits.cacheBytes, entryLimit: limits.handedOnBytes,
            fileLimit: limits.handedOnFiles)
        context = StageContext(
            directory: path, executable: executable, mirrors: mirrors, secrets: secrets, limits: limits, cache: cache)
    }

    public func run(_ plan: StagePlan) async -> StageResult {
        let task: Task<StageResult, Never>
        if let known = running[plan.attempt] {
            task = known.task
        } else {
            let stop = CancelMark()
            let attempt = StageAttempt(plan: plan, context: context, stop: stop)
            task = Task { await attempt.run() }
            running[plan.attempt] = (task, stop)
            begun += 1
            if begun % Self.sweepInterval == 1 { sweepOutputs() }
        }
        let result = await withTaskCancellationHandler {
            await task.value
        } onCancel: {
            Task { await self.stop(plan.attempt) }
        }
        if running[plan.attempt]?.task == task { running[plan.attempt] = nil }
        return result
    }

    public func stop(_ attempt: String) {
        guard let known = running[attempt] else { return }
        known.stop.set()
        known.task.cancel()
    }

    public func recover() async throws(DriverError) -> [String] {
        await cache.recover()
        let attempts = DirectoryTree.names(in: directory + "/attempts")
        let places = attempts.map { "\(directory)/attempts/\($0)" }
        let whole = await OwnThread.run { places.allSatisfy(Self.clear) }
        guard whole else {
            throw DriverError(.failed, "what earlier attempts left in \(directory)/attempts cannot be removed")
        }
        return attempts
    }

    public func assemble(_ plan: TreePlan) async throws(DriverError) -> AssembledTree {
        let mirror = try await context.mirror(of: plan.repository, with: plan.commit)
        let report = try await mirror.checkOut(plan.commit, into: plan.destination)
        try StageContext.require(plan.directory, in: plan.destination, plan.commit)
        let place = plan.directory.isEmpty ? plan.destination : "\(plan.destination)/\(plan.directory)"
        for key in plan.restored { try await cache.restore(key, into: place) }
        return AssembledTree(directory: place, notes: report.notes)
    }

    public func output(
        of attempt: String, from offset: Int, limit: Int
    ) async throws(DriverError) -> StageOutputPiece {
        guard StageContext.isAttempt(attempt),
            let piece = StageOutput.read("\(directory)/outputs/\(attempt)", from: offset, limit: limit)
        else {
            throw DriverError(.refused, "there is no output of attempt '\(GitText.plain(attempt, limit: 200))'")
        }
        return piece
    }

    /// Waits until the supervisor has ended its stage, as it does without a control plane; then kills what bears the
    /// mark, and removes the attempt's directory.
    private static func clear(_ place: String) -> Bool {
        let identity = try? ShimFiles.decode(ProcessIdentity.self, "\(place)/\(StageProcess.identityFile)")
        let deadline = ContinuousClock.now + orphanLimit
        if let identity {
            while ProcessTable.lives(identity), ContinuousClock.now < deadline { usleep(5000) }
        }
        StageProcess.killAll(markedWith: "\(StageOrder.mark)=\(place)", within: orphanLimit)
        return DirectoryTree.remove(place)
    }

    private func sweepOutputs() {
        let names = DirectoryTree.names(in: directory + "/outputs").filter { running[$0] == nil }
        guard names.count > limits.outputs else { return }
        let aged = names.map { name in
            var status = stat()
            let path = "\(directory)/outputs/\(name)"
            return (path, stat(path, &status) == 0 ? status.st_mtim.tv_sec : 0)
        }
        for (path, _) in aged.sorted(by: { $0.1 < $1.1 }).prefix(names.count - limits.outputs) {
            DirectoryTree.remove(path)
        }
    }

    /// The path by which processes bear their mark, whatever links lead to it.
    private static func canonical(_ path: String) -> String {
        try? ShimFiles.makeDirectories(path)
        guard let pointer = realpath(path, nil) else { return path }
        defer { free(pointer) }
        return String(cString: pointer)
    }
}
