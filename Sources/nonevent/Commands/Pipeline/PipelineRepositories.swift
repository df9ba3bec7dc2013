public import ArgumentParser
public import DeliveryAPI
import DeliveryModel

/// `nonevent pipeline repositories`.
struct PipelineRepositories: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "repositories",
        abstract: "Say whose commits are built.",
        discussion: "Example: nonevent pipeline repositories add shop https://git.example.com/shop.git",
        subcommands: [RepositoryAdd.self, RepositoryListCommand.self, RepositoryRemove.self],
        defaultSubcommand: RepositoryListCommand.self)
}

struct RepositoryAdd: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "add",
        abstract: "Add a repository, or change one.",
        discussion: """
            Its commits are found by polling, and at once when a hook (`nonevent init --git`) or a webhook tells. \
            Webhooks go to /api/v1/webhooks/github|gitlab|gitea/NAME and are signed with the secret that \
            --webhook-secret names; secrets are files of mode 0600 in `secrets` of the data directory.
            Example: nonevent pipeline repositories add shop /srv/git/shop.git --poll 30
            """)

    @Argument(help: "What to call it: lower-case letters, digits and '-'.")
    var name: String
    @Argument(help: "Where git fetches it from: a path, or a URL.")
    var url: String
    @Option(help: "Seconds between two looks, 1 to 86400; 0: only when told (default 60).")
    var poll: Double?
    @Option(help: ArgumentHelp("Secret that webhooks are signed with (default: NAME_WEBHOOK).", valueName: "name"))
    var webhookSecret: String?
    @Option(help: "Report each commit's status to 'github' or 'gitea'.")
    var status: CommitStatusSetting.Forge?
    @Option(help: ArgumentHelp("With --status: the API's address.", valueName: "url"))
    var statusURL: String?
    @Option(help: ArgumentHelp("With --status: the project there.", valueName: "owner/name"))
    var statusProject: String?
    @Option(help: ArgumentHelp("With --status: the secret with the token.", valueName: "name"))
    var statusToken: String?
    @OptionGroup var output: OutputOptions
    @OptionGroup var controlPlane: ControlPlaneOptions

    func validate() throws {
        if let poll, poll != 0, !(1...86_400).contains(poll) {
            throw ValidationError("--poll is 0, or 1 to 86400 seconds, not \(poll)")
        }
        if status != nil, statusProject == nil || statusToken == nil {
            throw ValidationError("--status needs --status-project OWNER/NAME and --status-token NAME")
        }
    }

    func run() async throws {
        let target = status.map { forge in
            CommitStatusSetting(
                forge: forge, url: statusURL ?? (forge == .github ? "https://api.github.com" : ""),
                project: statusProject ?? "", tokenSecret: statusToken ?? "")
        }
        let wish = RepositoryRequest(
            name: name, url: url, pollSeconds: poll, webhookSecret: webhookSecret, status: target)
        let added = try await controlPlane.withClient { try await $0.addRepository(wish) }
        guard !output.json else { return try StandardOutput.json(added) }
        let looks = added.pollSeconds > 0 ? "looked at every \(NumberText.duration(added.pollSeconds))" : "when told"
        try StandardOutput.line("\(added.name): \(TerminalText.harmless(added.url)), \(looks)")
        if let problem = added.problem { try StandardOutput.line("  " + TerminalText.harmless(problem)) }
    }
}

struct RepositoryListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List them: address, services, the newest commits, what went wrong.",
        discussion: "Example: nonevent pipeline repositories list")

    @OptionGroup var output: OutputOptions
    @OptionGroup var controlPlane: ControlPlaneOptions

    func run() async throws {
        let list = try await controlPlane.withClient { try await $0.repositories() }
        guard !output.json else { return try StandardOutput.json(list) }
        if list.repositories.isEmpty {
            try StandardOutput.line("No repositories yet. Add one: nonevent pipeline repositories add NAME URL")
        }
        for repository in list.repositories {
            let services = repository.services.map(\.text).joined(separator: ", ")
            try StandardOutput.line(
                "\(repository.name)  \(TerminalText.harmless(repository.url))  services: "
                    + (services.isEmpty ? "none found" : services))
            for (branch, commit) in repository.heads.sorted(by: { $0.key < $1.key }) {
                try StandardOutput.line(
                    "  \(TerminalText.harmless(branch)) \(TerminalText.shownCommit(commit))")
            }
            if let problem = repository.problem { try StandardOutput.line("  " + TerminalText.harmless(problem)) }
        }
    }
}

struct RepositoryRemove: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "remove",
        abstract: "Build a repository's commits no more; its services and runs stay.",
        discussion: "Example: nonevent pipeline repositories remove shop")

    @Argument(help: "The repository as the control plane calls it.")
    var name: String
    @OptionGroup var output: OutputOptions
    @OptionGroup var controlPlane: ControlPlaneOptions

    func run() async throws {
        let list = try await controlPlane.withClient { try await $0.removeRepository(name) }
        guard !output.json else { return try StandardOutput.json(list) }
        try StandardOutput.line("\(TerminalText.harmless(name)): removed")
    }
}

extension CommitStatusSetting.Forge: ExpressibleByArgument {}
