import ArgumentParser

/// `nonevent pipeline`: what is done with a commit before it is deployed.
struct PipelineCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pipeline",
        abstract: "Build and test commits, and deploy those of the trunk that pass.",
        discussion: """
            Stages stand in the service file under `pipeline`. A repository is added once; then each push runs them.
            Example: nonevent pipeline run --local
            """,
        subcommands: [
            PipelineRunCommand.self, PipelineList.self, PipelineShow.self, PipelineLogs.self, PipelineStats.self,
            PipelineCancel.self, PipelineAgain.self, PipelineTrigger.self, PipelineRepositories.self,
        ])
}
