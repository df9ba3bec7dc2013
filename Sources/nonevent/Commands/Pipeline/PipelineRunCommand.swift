import ArgumentParser
import ControlPlane
import DeliveryAPI
import DeliveryModel
import FoundationEssentials

/// `nonevent pipeline run`.
struct PipelineRunCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run",
        abstract: "Run the pipeline of a commit, here or by the control plane, and follow it.",
        discussion: """
            With --local the stages run on this machine from the commit that is checked out, without a control plane; \
            secrets are read from $NONEVENT_SECRET_<NAME>. Otherwise the control plane fetches the repository and \
            runs the newest commit of the branch once more. Exit code 0: every stage passed; 1: one failed.
            Example: nonevent pipeline run --local
            """)

    @Flag(help: "On this machine, without a control plane.")
    var local = false
    @Option(help: ArgumentHelp("With --local: the service file.", valueName: "file"))
    var file = "nonevent.yaml"
    @Flag(help: "With --local: with changes of known files that are in no commit.")
    var allowDirty = false
    @Option(help: "With --local: stages that run at once, 1 to 64.")
    var parallel = 2
    @Option(help: ArgumentHelp("The repository as the control plane calls it.", valueName: "name"))
    var repository: String?
    @Option(help: ArgumentHelp("The branch (default: main).", valueName: "branch"))
    var branch = "main"
    @Option(help: ArgumentHelp("Only this service's run is followed.", valueName: "service"))
    var service: ServiceName?
    @OptionGroup var output: OutputOptions
    @OptionGroup var controlPlane: ControlPlaneOptions

    func validate() throws {
        guard (1...64).contains(parallel) else { throw ValidationError("--parallel is 1 to 64, not \(parallel)") }
        if !local, repository == nil {
            throw ValidationError(
                "which repository? --repository NAME ('nonevent pipeline repositories list' names them), or --local")
        }
        if local, repository != nil { throw ValidationError("one of --local and --repository, not both") }
    }

    func run() async throws {
        if local { return try await runHere() }
        guard let repository else { return }
        try await controlPlane.withClient { client in
            let wish = TriggerRequest(branch: branch, again: true, waitSeconds: 60)
            let result = try await client.trigger(repository, wish)
            var followed: [PipelineRunStatus] = []
            for id in result.runs {
                let run = try await client.pipelineRun(id)
                if service == nil || run.service == service { followed.append(run) }
            }
            guard !followed.isEmpty else {
                throw CommandFailure(.nothingToDo, TerminalText.harmless(result.message))
            }
            var failed: [String] = []
            for run in followed {
                try await PipelineFollow(client: client, json: output.json).run(run.id)
                let end = try await client.pipelineRun(run.id)
                if output.json {
                    try StandardOutput.json(end)
                } else {
                    try PipelineView(text: .current).whole(end).forEach { try StandardOutput.line($0) }
                }
                if end.state != "passed" { failed.append(end.id) }
            }
            if !failed.isEmpty { throw CommandFailure(.failed) }
        }
    }

    private func runHere() async throws {
        let path = file.hasPrefix("/") ? file : FileManager.default.currentDirectoryPath + "/" + file
        let name = path.split(separator: "/").last.map(String.init) ?? file
        let specification = try ServiceFileParser.parse(try ServiceFileBytes.read(file), file: file)
        let directory = String(path.dropLast(name.count))
        let place = FileManager.default.temporaryDirectory.path + "/nonevent-pipeline-" + ControlPlaneClient.randomKey()
        try FileManager.default.createDirectory(
            atPath: place, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        defer { try? FileManager.default.removeItem(atPath: place) }
        let checkout = try await LocalCommit.find(
            directory: directory, allowDirty: allowDirty, place: place)
        let pipeline = LocalPipeline(
            specification: specification, repository: checkout.repository, commit: checkout.commit,
            branch: checkout.branch, directory: checkout.directory, data: place,
            executable: try ServeCommand.executable(),
            environment: ProcessInfo.processInfo.environment, parallel: parallel)
        let view = PipelineView(text: .current)
        let json = output.json
        // Ctrl-C stops the stages, and leaves nothing behind.
        let end = try await Interruption.guarding {
            try await pipeline.run { news in
                switch news {
                case .line(let line) where json: try? StandardOutput.json(line)
                case .line(let line):
                    try? StandardOutput.line(TerminalText.current.paint(line.stage, .dim) + "  " + line.line)
                case .stage(let stage) where !json: try? StandardOutput.line(view.line(stage))
                case .stage: break
                }
            }
        }
        if json {
            try StandardOutput.json(end)
        } else {
            try StandardOutput.line("\(end.service): \(view.state(end.state)): \(TerminalText.harmless(end.why))")
        }
        if end.state != "passed" { throw CommandFailure(.failed) }
    }
}

/// Streams a run's output until it has ended.
struct PipelineFollow: Sendable {
    let client: ControlPlaneClient
    let json: Bool

    func run(_ id: String, stage: String? = nil, follow: Bool = true) async throws {
        let text = TerminalText.current
        for try await line in try await client.pipelineLogs(id, stage: stage, follow: follow) where !line.isEmpty {
            if json {
                try StandardOutput.line(line)
                continue
            }
            guard let item = try? JSONDecoder().decode(PipelineLogLine.self, from: Data(line.utf8)) else { continue }
            let shown = text.isTerminal ? TerminalText.harmless(item.line) : item.line
            try StandardOutput.line(text.paint(item.stage, .dim) + "  " + shown)
        }
    }
}
