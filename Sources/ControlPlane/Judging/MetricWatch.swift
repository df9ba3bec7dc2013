import DeliveryModel
import RolloutEngine

/// Asks for the metrics of running rollouts when they are due, apart from the judging, which must not wait for a
/// metrics system. The judge's desk takes what has come in.
actor MetricWatch {
    /// How often it is looked whether a question is due.
    static let pace = Duration.milliseconds(250)
    /// Samples of one gauge kept for each arm while no tick is due, as when the router is away; the oldest go first.
    static let sampleLimit = 200

    /// What came in since it was taken last.
    struct Readings: Sendable, Equatable {
        var counts: [String: BusinessCounts] = [:]
        var gauges: [String: GaugeSamples] = [:]
        var failures: [String: String] = [:]
    }

    /// One metric of one rollout that is due.
    struct Question: Sendable {
        var rollout: String
        var name: String
        var metric: MetricSpecification
        var candidate: MetricSubject
        var baseline: MetricSubject
        var share: Share
        var from: Timestamp
        var now: Timestamp
    }

    private struct Key: Hashable {
        var rollout: String
        var name: String
    }

    /// What is known of one metric of one rollout.
    private struct Course {
        var askedAt: Timestamp
        var isAsking = true
        /// Gauges are known up to here.
        var knownTo: Timestamp
        var totals: (candidate: Double, baseline: Double, share: Share)?
    }

    private let driver: any MetricDriver
    private var courses: [Key: Course] = [:]
    private var readings: [String: Readings] = [:]

    init(driver: any MetricDriver) { self.driver = driver }

    func run(_ reconciler: Reconciler) async {
        await withDiscardingTaskGroup { group in
            while !Task.isCancelled {
                let now = await reconciler.now()
                for question in due(await reconciler.allStates(), at: now) {
                    group.addTask { await self.ask(question) }
                }
                try? await Task.sleep(for: Self.pace)
            }
            group.cancelAll()
        }
    }

    /// What has come in for one rollout; the next call gives only what came after.
    func take(_ rollout: String) -> Readings {
        defer { readings[rollout] = nil }
        return readings[rollout] ?? Readings()
    }

    /// Counts the questions as asked; each is to be given to ``ask(_:)``.
    func due(_ states: [ServiceState], at now: Timestamp) -> [Question] {
        var questions: [Question] = []
        var running: Set<String> = []
        for state in states {
            guard let rollout = state.rollout, rollout.phase == .shift, let baseline = rollout.baseline,
                let record = state.releases[rollout.candidate],
                let candidate = Self.subject(state, rollout.candidate), let other = Self.subject(state, baseline)
            else { continue }
            running.insert(rollout.id)
            for (name, metric) in record.specification.judge.metrics {
                let key = Key(rollout: rollout.id, name: name)
                if let course = courses[key], course.isAsking || now - course.askedAt < metric.every { continue }
                // A range holds both its ends: the last moment that is known must not be asked for again. What came
                // before the first question is left out, as a judge that was restarted has it in its recorded ticks.
                let from = courses[key].map { $0.knownTo + metric.every } ?? now
                courses[key, default: Course(askedAt: now, knownTo: now)].askedAt = now
                courses[key]?.isAsking = true
                questions.append(
                    Question(
                        rollout: rollout.id, name: name, metric: metric, candidate: candidate, baseline: other,
                        share: rollout.share, from: from, now: now))
            }
        }
        courses = courses.filter { running.contains($0.key.rollout) }
        readings = readings.filter { running.contains($0.key) }
        return questions
    }

    /// The candidate's service file says how both are asked.
    private static func subject(_ state: ServiceState, _ digest: ReleaseDigest) -> MetricSubject? {
        guard let record = state.releases[digest], let candidate = state.rollout?.candidate else { return nil }
        return MetricSubject(
            service: state.service, release: digest, commit: record.commit,
            ports: record.instances.filter(\.isReady).map(\.port),
            prometheus: state.releases[candidate]?.specification.judge.prometheus)
    }

    func ask(_ question: Question) async {
        let key = Key(rollout: question.rollout, name: question.name)
        do {
            switch question.metric.kind {
            case .count:
                async let candidate = candidateTotal(question)
                async let baseline = driver.total(question.metric, of: question.baseline)
                record(totals: (try await candidate, try await baseline), question, key)
            case .gauge:
                async let candidate = driver.samples(
                    question.metric, of: question.candidate, from: question.from, to: question.now)
                async let baseline = driver.samples(
                    question.metric, of: question.baseline, from: question.from, to: question.now)
                let samples = GaugeSamples(candidate: try await candidate, baseline: try await baseline)
                guard courses[key] != nil else { return }
                courses[key]?.knownTo = question.now
                readings[question.rollout, default: Readings()].gauges[question.name, default: GaugeSamples()]
                    .append(samples)
            }
        } catch {
            if !Task.isCancelled, courses[key] != nil {
                readings[question.rollout, default: Readings()].failures[question.name] = "\(error)"
            }
        }
        courses[key]?.isAsking = false
    }

    /// A counter that has counted nothing yet often does not show at all. `nil` from the candidate is nothing new,
    /// which is the worst it can have; a wrong question shows by the baseline, which must answer.
    private func candidateTotal(_ question: Question) async throws -> Double? {
        do { return try await driver.total(question.metric, of: question.candidate) } catch let error as MetricError {
            if error.isNothing { return nil }
            throw error
        }
    }

    private func record(totals found: (candidate: Double?, baseline: Double), _ question: Question, _ key: Key) {
        guard let course = courses[key] else { return }
        // Missing is no total of 0: when it shows again, all it ever counted would be taken for new.
        let totals = (candidate: found.candidate ?? course.totals?.candidate ?? 0, baseline: found.baseline)
        courses[key]?.totals = (totals.candidate, totals.baseline, question.share)
        // Between two shares nobody could say which one the events belong to.
        guard let before = course.totals, before.share == question.share else {
            // Known all the same: the metric answers.
            let nothing = BusinessCounts(candidate: 0, baseline: 0, share: question.share.fraction)
            readings[question.rollout, default: Readings()].counts[question.name] = nothing
            return
        }
        // A counter that fell was restarted: what it shows now has come since.
        func rise(_ now: Double, _ before: Double) -> Double { now >= before ? now - before : now }
        var sum =
            readings[question.rollout]?.counts[question.name]
            ?? BusinessCounts(candidate: 0, baseline: 0, share: question.share.fraction)
        sum.candidate += rise(totals.candidate, before.candidate)
        sum.baseline += rise(totals.baseline, before.baseline)
        readings[question.rollout, default: Readings()].counts[question.name] = sum
    }
}

extension GaugeSamples {
    fileprivate mutating func append(_ more: GaugeSamples) {
        candidate = (candidate + more.candidate).suffix(MetricWatch.sampleLimit)
        baseline = (baseline + more.baseline).suffix(MetricWatch.sampleLimit)
    }
}
