import ArgumentParser
import DeliveryAPI
import DeliveryModel

struct PipelineList: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List pipeline runs, newest first.",
        discussion: "Example: nonevent pipeline list --service shop --branch main")

    /// Runs at most.
    static let largestLimit = 1000

    @Option(help: "Only of this service.")
    var service: ServiceName?
    @Option(help: ArgumentHelp("Only of this repository.", valueName: "name"))
    var repository: String?
    @Option(help: "Only of this branch.")
    var branch: String?
    @Option(help: "How many runs, 1 to 1000.")
    var limit = 20
    @OptionGroup var output: OutputOptions
    @OptionGroup var controlPlane: ControlPlaneOptions

    func validate() throws {
        guard (1...Self.largestLimit).contains(limit) else {
            throw ValidationError("--limit is 1 to \(Self.largestLimit), not \(limit)")
        }
    }

    func run() async throws {
        let runs = try await controlPlane.withClient { client in
            try await client.pipelineRuns(service: service, repository: repository, branch: branch, limit: limit).runs
        }
        guard !output.json else { return try runs.forEach { try StandardOutput.json($0) } }
        try PipelineView(text: .current).table(runs).forEach { try StandardOutput.line($0) }
    }
}

struct PipelineShow: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Show one run: its stages, tests and commits.",
        discussion: "Example: nonevent pipeline show shop-p12")

    @Argument(help: "The run, such as shop-p12.")
    var run: String
    @OptionGroup var output: OutputOptions
    @OptionGroup var controlPlane: ControlPlaneOptions

    func run() async throws {
        let found = try await controlPlane.withClient { try await $0.pipelineRun(run) }
        guard !output.json else { return try StandardOutput.json(found) }
        try PipelineView(text: .current).whole(found).forEach { try StandardOutput.line($0) }
    }
}

struct PipelineLogs: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "logs",
        abstract: "Read what the stages of a run write.",
        discussion: """
            With --follow until the run has ended. Secrets are masked. Example: nonevent pipeline logs shop-p12 \
            --follow
            """)

    @Argument(help: "The run, such as shop-p12.")
    var run: String
    @Option(help: "Only this stage.")
    var stage: String?
    @Flag(help: "Go on with new lines until the run has ended.")
    var follow = false
    @OptionGroup var output: OutputOptions
    @OptionGroup var controlPlane: ControlPlaneOptions

    func run() async throws {
        try await controlPlane.withClient { client in
            try await PipelineFollow(client: client, json: output.json).run(run, stage: stage, follow: follow)
        }
    }
}
