import DeliveryModel
import RolloutEngine

/// Asks for the metrics of running rollouts when they are due, apart from the judging, which must not wait for a
/// metrics system. The judge's desk takes what has come in.
actor MetricWatch {
    /// How often it is looked whether a question is due.
    static let pace = Duration.milliseconds(250)
    /// Samples of one gauge kept for each arm while no tick is due, as when the router is away; the oldest go first.
    static let sampleLimit = 200
    /// A Prometheus server finds new instances only when it looks for them next, commonly every minute, then scrapes
    /// them. For as long after the first traffic, a candidate that it has never shown is not known to have nothing.
    static let grace = Duration.seconds(120)

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
        /// ``MetricWatch/grace`` is not over, and the metric comes from a server that may not know the candidate yet.
        var isEarly: Bool
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
        /// The candidate has shown the metric once.
        var isSeen = false
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
                let isEarly = metric.source == .prometheus && now - (rollout.shiftedAt ?? now) < Self.grace
                questions.append(
                    Question(
                        rollout: rollout.id, name: name, metric: metric, candidate: candidate, baseline: other,
                        share: rollout.share, from: from, now: now, isEarly: isEarly))
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
                async let candidate = ofCandidate { try await driver.total(question.metric, of: question.candidate) }
                async let baseline = driver.total(question.metric, of: question.baseline)
                record(totals: (try await candidate, try await baseline), question, key)
            case .gauge:
                async let candidate = ofCandidate {
                    try await driver.samples(
                        question.metric, of: question.candidate, from: question.from, to: question.now)
                }
                async let baseline = driver.samples(
                    question.metric, of: question.baseline, from: question.from, to: question.now)
                try record(samples: (try await candidate, try await baseline), question, key)
            }
        } catch {
            if !Task.isCancelled, courses[key] != nil {
                readings[question.rollout, default: Readings()].failures[question.name] = "\(error)"
            }
        }
        courses[key]?.isAsking = false
    }

    private func ofCandidate<Value: Sendable>(
        _ ask: () async throws -> Value
    ) async throws -> Result<Value, MetricError> {
        do { return .success(try await ask()) } catch let error as MetricError where error.isNothing {
            return .failure(error)
        }
    }

    private func record(
        samples found: (candidate: Result<[Double], MetricError>, baseline: [Double]), _ question: Question, _ key: Key
    ) throws {
        guard let course = courses[key] else { return }
        var samples = GaugeSamples()
        switch found.candidate {
        case .success(let candidate):
            samples = GaugeSamples(candidate: candidate, baseline: found.baseline)
            courses[key]?.isSeen = true
        case .failure(let error): guard question.isEarly, !course.isSeen else { throw error }
        }
        courses[key]?.knownTo = question.now
        readings[question.rollout, default: Readings()].gauges[question.name, default: GaugeSamples()].append(samples)
    }

    /// A counter that has counted nothing yet often does not show at all: the candidate has none, which is the worst
    /// it can have. A wrong question shows by the baseline, which must answer.
    private func record(
        totals found: (candidate: Result<Double, MetricError>, baseline: Double), _ question: Question, _ key: Key
    ) {
        guard let course = courses[key] else { return }
        let nothing = BusinessCounts(candidate: 0, baseline: 0, share: question.share.fraction)
        var sum = readings[question.rollout]?.counts[question.name] ?? nothing
        if sum.candidate + sum.baseline == 0 { sum = nothing }
        // Even nothing is known: the metric answers.
        defer { readings[question.rollout, default: Readings()].counts[question.name] = sum }
        let shown = try? found.candidate.get()
        let isSeen = course.isSeen || shown != nil
        courses[key]?.isSeen = isSeen
        // Counting begins when both are seen: what the baseline counts until then has no counterpart.
        guard isSeen || !question.isEarly else { return }
        // Missing is no total of 0: when it shows again, all it ever counted would be taken for new.
        let totals = (
            candidate: shown ?? course.totals?.candidate ?? 0, baseline: found.baseline, share: question.share
        )
        // Between two shares nobody could say which one the events belong to.
        guard let before = course.totals, before.share == question.share else {
            courses[key]?.totals = totals
            return
        }
        // Events of another share wait to be taken: the new ones are counted with the next question.
        guard sum.share == question.share.fraction else { return }
        courses[key]?.totals = totals
        // A counter that fell was restarted: what it shows now has come since.
        func rise(_ now: Double, _ before: Double) -> Double { now >= before ? now - before : now }
        sum.candidate += rise(totals.candidate, before.candidate)
        sum.baseline += rise(totals.baseline, before.baseline)
    }
}

extension GaugeSamples {
    fileprivate mutating func append(_ more: GaugeSamples) {
        candidate = (candidate + more.candidate).suffix(MetricWatch.sampleLimit)
        baseline = (baseline + more.baseline).suffix(MetricWatch.sampleLimit)
    }
}
