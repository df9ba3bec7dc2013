import ArgumentParser
import DeliveryAPI
import DeliverySimulation
import FoundationEssentials

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Days of deliveries in minutes, to see whether the promises hold at a given size.
struct SimulateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "simulate",
        abstract: "Deliver days of commits to a simulated organisation and check every promise at every step.",
        discussion: """
            The real rollout engine, pipelines, queue, judge and store under a simulated clock, with people, traffic, \
            bad changes, and crashes of control plane, router and instances. The same numbers give the same run. \
            Exit codes: 0 all promises held; 1 one was broken: its seed and step are named, and --until STEP --trace \
            shows the way there. Example: nonevent simulate --services 450 --deploys-per-day 10000 --days 7 --seed 1
            """)

    @Option(name: .long, help: "Services, 1 to 100,000.")
    var services = 450
    @Option(name: .long, help: "Green commits a day, of all services together.")
    var deploysPerDay = 10_000
    @Option(name: .long, help: "Days, 1 to 365.")
    var days = 7
    @Option(name: .long, help: "What everything follows from.")
    var seed: UInt64 = 1
    @Option(name: .long, help: "So many runs, with this seed and those after it.")
    var runs = 1
    @Option(name: .long, help: "Steps between crashes of the control plane, on average; 0: it never crashes.")
    var crashEvery = 100_000
    @Option(name: .long, help: "Stop after this step.")
    var until: Int?
    @Flag(name: .long, help: "Say each step and what the journal gets.")
    var trace = false
    @Option(
        name: .long,
        help: ArgumentHelp(
            "Keep the store here, in a directory for each seed (default: a temporary one).",
            valueName: "directory"))
    var store: String?
    @OptionGroup var output: OutputOptions

    func validate() throws {
        guard (1...100_000).contains(services) else { throw ValidationError("--services must be 1 to 100000") }
        guard (0...10_000_000).contains(deploysPerDay) else {
            throw ValidationError("--deploys-per-day must be 0 to 10000000")
        }
        guard (1...365).contains(days) else { throw ValidationError("--days must be 1 to 365") }
        guard (1...10_000).contains(runs) else { throw ValidationError("--runs must be 1 to 10000") }
        guard crashEvery >= 0 else { throw ValidationError("--crash-every must be 0 or more") }
        guard until.map({ $0 > 0 }) ?? true else { throw ValidationError("--until must be 1 or more") }
    }

    func run() throws {
        var broken: [SimulationViolation] = []
        for offset in 0..<UInt64(runs) {
            if let violation = try simulate(seed &+ offset) { broken.append(violation) }
        }
        guard let first = broken.first else { return }
        throw CommandFailure(
            .failed,
            "\(first)\nto see the way there: nonevent simulate --services \(services) --deploys-per-day "
                + "\(deploysPerDay) --days \(days) --crash-every \(crashEvery) --seed \(first.seed) "
                + "--until \(first.step) --trace")
    }

    private func simulate(_ seed: UInt64) throws -> SimulationViolation? {
        let temporary =
            FileManager.default.temporaryDirectory.path + "/nonevent-simulate-" + ControlPlaneClient.randomKey()
        let directory = store.map { "\($0)/\(seed)" } ?? temporary
        defer { if store == nil { try? FileManager.default.removeItem(atPath: temporary) } }
        let record = try DatabaseRecord(directory: directory)
        guard try !record.isUsed else {
            throw CommandFailure(
                .badInput, "expected an empty directory for the store, found another run's journal in \(directory)")
        }
        var plan = SimulationPlan(services: services, deploysPerDay: deploysPerDay, days: days, seed: seed)
        plan.stepsBetweenCrashes = crashEvery
        // A reader that goes away ends the trace, not the run.
        var say: ((String) -> Void)?
        if trace { say = { line in try? StandardOutput.line(line) } }
        let (began, worked) = (ContinuousClock.now, Self.processorSeconds())
        var run = DeliveryRun(plan, record: record, trace: say)
        let report = run.run(until: until)
        let result = Result(
            report: report, violation: run.violation.map(Violation.init(_:)),
            seconds: began.duration(to: .now) / .seconds(1), processorSeconds: Self.processorSeconds() - worked)
        if output.json { try StandardOutput.json(result) } else { try StandardOutput.write(result.text) }
        return run.violation
    }

    private static func processorSeconds() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }
}

extension SimulateCommand {
    struct Violation: Encodable {
        var promise: String
        var step: Int
        var time: String
        var service: String
        var detail: String

        init(_ violation: SimulationViolation) {
            promise = violation.promise.rawValue
            step = violation.step
            time = "\(violation.time)"
            service = violation.service
            detail = violation.detail
        }
    }

    struct Result: Encodable {
        var report: DeliveryReport
        var violation: Violation?
        var seconds: Double
        var processorSeconds: Double

        var text: String {
            func line(_ name: String, _ value: String) -> String {
                "  \(name)\(String(repeating: " ", count: max(1, 18 - name.count)))\(value)\n"
            }
            func whole(_ value: Double) -> String { TerminalText.duration(seconds: value) }
            let held = violation.map { "broken: \($0.promise) at step \($0.step)" } ?? "all held"
            return "seed \(report.seed): \(report.days) days of \(report.services) services\n"
                + line("promises", "\(held), \(report.steps) steps")
                + line("commits", "\(report.pushes) pushed, \(report.red) red, \(report.accepted) accepted")
                + line("became", "\(report.live) live, \(report.superseded) superseded, \(report.undone) undone")
                + line("rollouts", "\(report.rollouts), \(report.ticks) looks of a judge")
                + line(
                    "judge",
                    "\(report.goodUndone) good ones undone, \(report.badCompleted) bad ones completed, "
                        + "\(report.undoneAfterwards) taken back afterwards")
                + line(
                    "queue",
                    "\(whole(report.queueDelayMedian)) at the median, \(whole(report.queueDelayP99)) at 99 %, "
                        + "\(whole(report.queueDelayMost)) at most")
                + line(
                    "crashes",
                    "\(report.controlPlaneCrashes) of the control plane, \(report.routerCrashes) of the router, "
                        + "\(report.instanceDeaths) of instances")
                + line("took", "\(whole(seconds)), \(whole(processorSeconds)) of processor time")
        }
    }
}
