import ArgumentParser
import CanaryJudge
import DeliveryModel
import FoundationEssentials

/// Which judge to ask, and how it is set.
struct JudgeOptions: ParsableArguments {
    /// Seconds between ticks at most: a day.
    static let longestTick = 86_400.0

    @Option(
        help: ArgumentHelp(
            "A service file, or some of its top-level keys, or what stands under 'judge' (default: all defaults).",
            valueName: "file"))
    var config: String?
    @Option(help: ArgumentHelp("Chance of undoing a release that is not worse, between 0 and 1.", valueName: "chance"))
    var alpha: Double?
    @Option(
        help: ArgumentHelp("Chance of promoting a release worse than tolerated, between 0 and 1.", valueName: "chance"))
    var beta: Double?
    @Option(help: ArgumentHelp("Dispersion, how clustered errors are: 1 for independent ones.", valueName: "number"))
    var phi: Double?
    @Option(
        help: ArgumentHelp(
            "Planned seconds between ticks; what is kept in stake for defects that begin late depends on it.",
            valueName: "seconds"))
    var tick = 1.0
    @Option(
        help: ArgumentHelp(
            "Run this rule alone, at the whole of alpha or beta: \(RuleNames.all).", valueName: "name"))
    var rule: String?
    @Option(
        name: .customLong("r0"),
        help: ArgumentHelp(
            "With --rule: null ratio of the rates; for 'slo' multiple of the error budget.", valueName: "ratio"))
    var nullRatio: Double?
    @Option(help: ArgumentHelp("With --rule: alternatives, such as 1.2,1.5,2,10.", valueName: "numbers"))
    var grid: String?
    @Option(help: ArgumentHelp("With --rule: additive slack of the error rate, 0 to below 1.", valueName: "rate"))
    var slack: Double?
    @Flag(help: "With --rule: the process without restart.")
    var noRestart = false

    func validate() throws {
        for (name, chance) in [("--alpha", alpha), ("--beta", beta)] {
            if let chance, !(chance > 0 && chance < 1) {
                throw ValidationError("expected \(name) above 0 and below 1, found \(chance)")
            }
        }
        guard tick > 0, tick <= Self.longestTick else {
            throw ValidationError("expected --tick above 0 and up to \(Int(Self.longestTick)) seconds, found \(tick)")
        }
        if rule == nil, let option = onlyWithRule {
            throw ValidationError("\(option) is about one rule: name it with --rule, one of \(RuleNames.all)")
        }
        if let problem = try parameters.problem(for: ruleName ?? .errorsUndo) { throw ValidationError(problem) }
    }

    private var onlyWithRule: String? {
        if nullRatio != nil { return "--r0" }
        if grid != nil { return "--grid" }
        if slack != nil { return "--slack" }
        return noRestart ? "--no-restart" : nil
    }

    private var ruleName: JudgeRuleName? {
        get throws { try rule.map(RuleNames.parse) }
    }

    private var parameters: RuleParameters {
        get throws {
            RuleParameters(r0: nullRatio, grid: try grid.map(Self.numbers), phi: phi, slack: slack, restart: !noRestart)
        }
    }

    private static func numbers(_ text: String) throws -> [Double] {
        try text.split(separator: ",", omittingEmptySubsequences: false).map { part in
            guard let number = Double(part.filter { $0 != " " }) else {
                throw ValidationError(
                    "expected --grid as numbers with commas between, such as 1.2,1.5,2, found '\(text)'")
            }
            return number
        }
    }

    /// - Throws: `CommandFailure` or `ServiceFileError` when the configuration cannot be used.
    func judge() throws -> ReplayedJudge {
        var file = try config.map(Self.read) ?? JudgeFile()
        if let alpha { file.judge.alpha = alpha }
        if let beta { file.judge.beta = beta }
        if let phi { file.judge.dispersion = phi }
        let configuration = JudgeConfiguration(
            objectives: file.slo, rollout: file.rollout, judge: file.judge, tickSeconds: tick)
        guard let name = try ruleName else { return .whole(SequentialJudge(configuration: configuration)) }
        do {
            return .alone(try SingleRule(name, configuration: configuration, parameters: parameters))
        } catch let error as RuleParameterError {
            throw CommandFailure(.usage, error.description)
        }
    }

    private static func read(_ path: String) throws -> JudgeFile {
        guard FileManager.default.fileExists(atPath: path) else {
            throw CommandFailure(.badInput, "expected a configuration of the judge at \(path), found none")
        }
        guard let data = FileManager.default.contents(atPath: path) else {
            throw CommandFailure(.badInput, "\(path) cannot be read; look at its permissions, and that it is a file")
        }
        guard let text = String(validating: data, as: UTF8.self) else {
            throw CommandFailure(.badInput, "\(path): expected a file saved as UTF-8, found other bytes")
        }
        return try JudgeFile(parsing: text, file: path)
    }
}

/// The judge of a rollout, or one of its rules.
enum ReplayedJudge {
    case whole(SequentialJudge)
    case alone(SingleRule)

    mutating func judge(_ tick: JudgeTick) -> Verdict {
        switch self {
        case .whole(var judge):
            defer { self = .whole(judge) }
            return judge.judge(tick)
        case .alone(var rule):
            defer { self = .alone(rule) }
            return rule.judge(tick)
        }
    }
}
