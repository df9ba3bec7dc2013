import ArgumentParser
import DeliveryAPI
import DeliveryModel

struct PipelineCancel: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cancel",
        abstract: "Stop a pipeline run.",
        discussion: "Has it ended already: exit code 3. Example: nonevent pipeline cancel shop-p12")

    @Argument(help: "The run, such as shop-p12.")
    var run: String
    @OptionGroup var output: OutputOptions
    @OptionGroup var controlPlane: ControlPlaneOptions

    func run() async throws {
        let result = try await controlPlane.withClient { try await $0.cancelPipeline(run) }
        if output.json {
            try StandardOutput.json(result)
        } else {
            let words = result.changed ? "is being stopped" : "has ended already (\(result.run.state))"
            try StandardOutput.line("\(result.run.id) \(words)")
        }
        if !result.changed { throw CommandFailure(.nothingToDo) }
    }
}

struct PipelineAgain: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "again",
        abstract: "Run the commit of a run once more, as a new run.",
        discussion: """
            It is deployed when it passes only if it is still the newest commit of the trunk. Example: nonevent \
            pipeline again shop-p12
            """)

    @Argument(help: "The run, such as shop-p12.")
    var run: String
    @OptionGroup var output: OutputOptions
    @OptionGroup var controlPlane: ControlPlaneOptions

    func run() async throws {
        let result = try await controlPlane.withClient { try await $0.runPipelineAgain(run) }
        guard !output.json else { return try StandardOutput.json(result) }
        try StandardOutput.line("\(result.run.id) has begun; 'nonevent pipeline logs \(result.run.id) --follow'")
    }
}

struct PipelineTrigger: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "trigger",
        abstract: "Tell the control plane that something was pushed.",
        discussion: """
            What a git hook calls: it ends within --within seconds, and with 0 although the control plane is away, \
            which it says; the commit is then found when the control plane next looks.
            Example: nonevent pipeline trigger shop --branch main
            """)

    @Argument(help: "The repository as the control plane calls it.")
    var repository: String
    @Option(help: "The branch; all of them when left out.")
    var branch: String?
    @Option(help: "The commit that was pushed, for the record.")
    var commit: String?
    @Option(help: "Longest wait for an answer in seconds, 1 to 60.")
    var within = 5
    @OptionGroup var output: OutputOptions
    @OptionGroup var controlPlane: ControlPlaneOptions

    func validate() throws {
        guard (1...60).contains(within) else { throw ValidationError("--within is 1 to 60, not \(within)") }
    }

    func run() async throws {
        do {
            let result = try await controlPlane.withClient { client in
                try await client.trigger(
                    repository, TriggerRequest(branch: branch, commit: commit), within: .seconds(within))
            }
            guard !output.json else { return try StandardOutput.json(result) }
            try StandardOutput.line("nonevent: " + TerminalText.harmless(result.message))
        } catch let error as ControlPlaneUnreachable {
            StandardError.line(
                "nonevent: the control plane did not answer: what was pushed is found when it next looks. "
                    + error.message)
        }
    }
}
