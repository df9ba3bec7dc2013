import DeliveryModel
import Glibc

/// One attempt from its checkout to its result.
struct StageAttempt: Sendable {
    let plan: StagePlan
    let context: StageContext
    let stop: CancelMark

    private var place: String { "\(context.directory)/attempts/\(plan.attempt)" }
    private var outputs: String { "\(context.directory)/outputs/\(plan.attempt)" }
    /// The service file's directory in the checkout.
    private var work: String { plan.directory.isEmpty ? place + "/tree" : "\(place)/tree/\(plan.directory)" }

    func run() async -> StageResult {
        guard StageContext.isAttempt(plan.attempt) else {
            return StageResult(
                outcome: .unable, reason: "'\(GitText.plain(plan.attempt, limit: 80))' is no name of an attempt")
        }
        var notes: [String] = []
        var result: StageResult
        await context.cache.pin(plan.restored)
        do throws(DriverError) {
            // What an earlier control plane began is begun anew.
            _ = await remove(place)
            _ = await remove(outputs)
            result = try await carryOut(&notes)
        } catch {
            result = StageResult(outcome: stop.isSet ? .stopped : .unable, reason: error.message)
        }
        await context.cache.unpin(plan.restored)
        if stop.isSet && result.outcome != .passed {
            result.outcome = .stopped
            result.reason = "stage \(plan.stage) was told to stop"
        }
        if await !remove(place) { result.notes.append("\(place) cannot be removed; remove it by hand") }
        say(result.notes + [result.reason])
        result.notes = notes + result.notes
        return result
    }

    private func remove(_ path: String) async -> Bool { await OwnThread.run { DirectoryTree.remove(path) } }

    private func carryOut(_ notes: inout [String]) async throws(DriverError) -> StageResult {
        var secrets: [String: String] = [:]
        for name in plan.secrets { secrets[name] = try context.secrets.value(of: name) }
        let mirror = try await context.mirror(of: plan.repository, with: plan.commit)
        var key = ""
        if plan.cache != nil {
            key = try StageKey.key(of: plan, files: await mirror.files(at: plan.commit))
            if let entry = await context.cache.entry(key) { return cached(entry, key) }
        }
        let report = try await mirror.checkOut(plan.commit, into: place + "/tree")
        notes += report.notes
        try StageContext.require(plan.directory, in: place + "/tree", plan.commit)
        say(report.notes, last: false)
        for key in plan.restored { try await context.cache.restore(key, into: work) }
        guard !stop.isSet else { throw DriverError(.failed, "stage \(plan.stage) was told to stop") }
        let order = try order(secrets)
        let mask = OutputMask(order.secrets.map { Array($0.utf8) })
        let ending: StageEnding
        do throws(SystemFailure) {
            let process = StageProcess(executable: context.executable, order: order)
            guard let found = try await process.run(stop: stop) else { return lost(mask) }
            ending = found
        } catch {
            throw GitMirror.full(error)
                ?? DriverError(.failed, "stage \(plan.stage) cannot be run by \(context.executable): \(error)")
        }
        var result = judged(ending, mask)
        result.key = key
        if let pattern = plan.junit, ending.cause != .notStarted {
            let work = work
            let (report, complaints) = await OwnThread.run { JUnitReport.read(pattern, in: work) }
            result.tests = report.map { Self.masked($0, mask) }
            result.notes += complaints.map(mask.masked)
        }
        if result.outcome == .passed, plan.cache != nil { await keep(&result) }
        return result
    }

    private func order(_ secrets: [String: String]) throws(DriverError) -> StageOrder {
        guard plan.timeout > .zero else {
            throw DriverError(
                .refused, "the timeout of stage \(plan.stage) is \(plan.timeout); it must be more than zero")
        }
        do throws(SystemFailure) { try ShimFiles.makeDirectories(place + "/home") } catch {
            throw GitMirror.full(error) ?? DriverError(.failed, "\(error)")
        }
        let command: [String] =
            switch plan.command {
            case .shell(let text): ["/bin/sh", "-e", "-u", "-c", text]
            case .program(let words): words
            }
        return StageOrder(
            attemptDirectory: place, workingDirectory: work, outputDirectory: outputs, command: command,
            environment: context.environment(plan, place, secrets: secrets), secrets: Array(secrets.values),
            timeout: plan.timeout, grace: context.limits.grace)
    }

    private func judged(_ ending: StageEnding, _ mask: OutputMask) -> StageResult {
        var result = StageResult(
            outcome: .passed, exitCode: ending.exitCode, duration: ending.duration, outputBytes: ending.outputBytes)
        switch ending.cause {
        case .ended where ending.exitCode == 0: break
        case .ended:
            result.outcome = .failed
            let was = ending.exitCode == nil ? "was " : ""
            result.reason = "the command of stage \(plan.stage) \(was)\(ending.words)"
        case .notStarted:
            result.outcome = .failed
            result.reason = "the command of stage \(plan.stage) \(mask.masked(ending.words))"
        case .timedOut:
            result.outcome = .timedOut
            result.exitCode = nil
            result.reason = "stage \(plan.stage) ran longer than \(plan.timeout) and was ended"
        case .stopped:
            result.outcome = stop.isSet ? .stopped : .lost
            result.exitCode = nil
            result.reason = "stage \(plan.stage) was told to stop"
        }
        if ending.leftCount > 0 {
            let more = ending.leftCount > ending.left.count ? " and \(ending.leftCount - ending.left.count) more" : ""
            result.notes.append(
                "killed what the command left behind: \(ending.left.joined(separator: ", "))\(more)")
        }
        if ending.lostBytes > 0 {
            result.notes.append("the disk is full: \(ending.lostBytes) bytes of output are lost")
        }
        return result
    }

    private func lost(_ mask: OutputMask) -> StageResult {
        let bytes = (try? ShimFiles.read(place + "/supervisor.log", limit: 64 << 10)) ?? []
        let words = GitText.plain(mask.masked(String(decoding: bytes.suffix(500), as: UTF8.self)), limit: 500)
        let said = words.contains { !$0.isWhitespace } ? ": \(words)" : ""
        return StageResult(
            outcome: .lost, reason: "the supervisor of stage \(plan.stage) ended without a result\(said)")
    }

    private func cached(_ entry: StageCache.Entry, _ key: String) -> StageResult {
        StageResult(
            outcome: .passed, exitCode: 0, tests: entry.tests, key: key, cached: true,
            notes: ["taken from the cache (\(key.prefix(12))): nothing that stage \(plan.stage) depends on has changed"]
        )
    }

    /// A result that cannot be kept is no result when others need what it hands on.
    private func keep(_ result: inout StageResult) async {
        let paths = plan.cache?.paths ?? []
        do throws(DriverError) {
            try await context.cache.publish(
                result.key, stage: plan.stage, paths: paths, from: work, duration: result.duration,
                tests: result.tests)
        } catch {
            if paths.isEmpty {
                result.notes.append("the result is not kept in the cache: \(error.message)")
                return
            }
            result.outcome = error.code == .refused ? .failed : .unable
            result.reason = error.message
        }
    }

    /// Lines of our own at the end of the output.
    private func say(_ lines: [String], last: Bool = true) {
        guard var writer = try? StageOutputWriter(directory: outputs) else { return }
        for line in lines where !line.isEmpty { writer.note(line) }
        if last { writer.finish() } else { writer.closeFile() }
    }

    private static func masked(_ report: TestReport, _ mask: OutputMask) -> TestReport {
        var report = report
        for index in report.cases.indices {
            report.cases[index].suite = mask.masked(report.cases[index].suite)
            report.cases[index].name = mask.masked(report.cases[index].name)
            report.cases[index].message = mask.masked(report.cases[index].message)
        }
        return report
    }
}
