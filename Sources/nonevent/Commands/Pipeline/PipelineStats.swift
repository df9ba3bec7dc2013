import ArgumentParser
import DeliveryAPI
import DeliveryModel

struct PipelineStats: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "stats",
        abstract: "Tell which stage fails how often and how long it takes, and propose a better order.",
        discussion: """
            From the runs that are kept. Flaky tests, which passed and failed at one commit, are named.
            Example: nonevent pipeline stats shop
            """)

    @Argument(help: "The service.")
    var service: ServiceName
    @OptionGroup var output: OutputOptions
    @OptionGroup var controlPlane: ControlPlaneOptions

    func run() async throws {
        let found = try await controlPlane.withClient { try await $0.pipelineStatistics(service) }
        guard !output.json else { return try StandardOutput.json(found) }
        let text = TerminalText.current
        try StandardOutput.line("\(service): \(found.runs) runs")
        var table = TextTable(["stage", "runs", "failed", "cached", "mean"])
        for stage in found.stages {
            table.add([
                stage.name, "\(stage.runs)", "\(stage.failures)", "\(stage.cached)",
                TerminalText.duration(seconds: stage.meanSeconds),
            ])
        }
        try table.lines(text, indent: "  ").forEach { try StandardOutput.line($0) }
        try StandardOutput.line("  " + TerminalText.harmless(found.advice))
        for test in found.flakyTests {
            try StandardOutput.line(
                "  flaky: " + TerminalText.harmless("\(test.name) in stage \(test.stage)")
                    + ": passed \(test.passed) and failed \(test.failed) times at the same "
                    + (test.commits == 1 ? "commit" : "\(test.commits) commits"))
        }
    }
}
