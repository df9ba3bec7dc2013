import ArgumentParser
import CanaryJudge
import DeliveryAPI
import DeliveryModel

struct JudgeExplain: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "explain",
        abstract: "Say what the judge can tell with the traffic that a service really gets.",
        discussion: """
            How long a healthy release takes, how many errors a bad one costs before it is undone, which rules cannot \
            decide for lack of traffic, and what would help. Foretold from the rate, errors and latencies of the live \
            release: half of all rollouts take longer, half are quicker. Example: nonevent judge explain shop
            """)

    @Argument(help: "The service.")
    var service: ServiceName
    @OptionGroup var output: OutputOptions
    @OptionGroup var controlPlane: ControlPlaneOptions

    func run() async throws {
        let forecast = try await controlPlane.withClient { try await $0.forecast(service) }
        guard !output.json else { return try StandardOutput.json(forecast) }
        try StandardOutput.write(Self.lines(forecast, service).map { $0 + "\n" }.joined())
    }

    private static func lines(_ forecast: JudgeForecast, _ service: ServiceName) -> [String] {
        let limit = TerminalText.duration(seconds: forecast.limitSeconds)
        var lines = [
            "\(service)  \(number(forecast.requestsPerSecond)) requests/s, "
                + "\(number(forecast.errorRate * 100)) % of them fail",
            "  dispersion  \(number(forecast.phi)), \(source(forecast.phiSource))",
        ]
        if let seconds = forecast.promotedAfterSeconds {
            lines.append("  healthy     promoted after about \(TerminalText.duration(seconds: seconds))")
        } else {
            lines.append("  healthy     not promoted within \(limit), the judge's limit")
        }
        for defect in forecast.defects {
            let name = "+\(number(defect.excess * 100)) points"
            lines.append("  " + name.padded(to: 12) + words(defect, limit: limit))
        }
        lines += forecast.undecided.map { "  cannot tell \($0.rule.rawValue): \(TerminalText.harmless($0.why))" }
        lines += forecast.advice.map { "  advice      \(TerminalText.harmless($0))" }
        return lines
    }

    private static func words(_ defect: JudgeForecast.Defect, limit: String) -> String {
        let errors = "\(Int(defect.errors.rounded(.up))) errors"
        let time = TerminalText.duration(seconds: defect.seconds)
        return switch defect.outcome {
        case .undone: "undone after about \(time) and \(errors) of the candidate"
        case .promoted where defect.excess <= Forecaster.tolerated:
            "promoted after about \(time): it is within what is tolerated"
        case .promoted: "promoted after about \(time): it is not sure by then; longer steps, or 'auto', would find it"
        case .undecided: "neither undone nor promoted within \(limit); \(errors) of the candidate by then"
        }
    }

    private static func source(_ source: DispersionSource) -> String {
        switch source {
        case .set: "set by 'judge.dispersion'"
        case .measured: "measured from the instances of the last day"
        case .measuredBriefly: "measured from little history, so made \(number(Dispersion.caution)) times larger"
        case .assumed: "assumed, since nothing could be measured yet"
        }
    }

    /// About three digits that matter.
    private static func number(_ value: Double) -> String {
        let digits = abs(value) >= 100 ? 1.0 : abs(value) >= 1 ? 10 : 1000
        let rounded = (value * digits).rounded() / digits
        return rounded == rounded.rounded() && abs(rounded) < 1e15 ? String(Int(rounded)) : String(rounded)
    }
}

extension String {
    fileprivate func padded(to width: Int) -> String { self + String(repeating: " ", count: max(1, width - count)) }
}
