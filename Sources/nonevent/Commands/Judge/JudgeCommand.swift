import ArgumentParser

struct JudgeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "judge",
        abstract: "Replay what the judge saw, line by line, and hear what it says.",
        usage: """
            nonevent judge [--json] [--config judge.yaml] [<options>] < ticks.jsonl
            nonevent judge [--json] --rule errors-undo [<options>] < ticks.jsonl
            """,
        discussion: JudgeReplay.discussion + "\n\n" + JudgeReplay.optionsHelp,
        subcommands: [JudgeReplay.self, JudgeExplain.self],
        defaultSubcommand: JudgeReplay.self)
}
