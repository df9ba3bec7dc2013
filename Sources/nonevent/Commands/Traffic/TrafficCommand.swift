import ArgumentParser
import DeliveryAPI
import DeliveryModel
import FoundationEssentials

/// `nonevent traffic`: keeps a service's requests back for a while.
struct TrafficCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "traffic",
        abstract: "Let a service's requests wait, refuse them with a page, or let them go on.",
        discussion: """
            Holds until it is taken back, over restarts of everything. Rollouts and undo go on beneath it.
            Example: nonevent traffic pause shop --reason "moving the database"
            """,
        subcommands: [TrafficPause.self, TrafficStop.self, TrafficResume.self])
}

/// What the three verbs have in common.
struct TrafficArguments: ParsableArguments {
    @Argument(help: "The service.")
    var service: ServiceName
    @OptionGroup var output: OutputOptions
    @OptionGroup var controlPlane: ControlPlaneOptions

    func act(_ action: ControlPlaneClient.TrafficAction, _ wish: TrafficHoldRequest = .init()) async throws {
        let result = try await controlPlane.withClient { try await $0.traffic(action, service, wish) }
        guard !output.json else { return try StandardOutput.json(result) }
        let words =
            switch result.hold?.mode {
            case .pause: "requests wait: 'nonevent traffic resume \(service)' lets them go on"
            case .stop: "requests get 503: 'nonevent traffic resume \(service)' lets them go on"
            case nil: "requests go on"
            }
        try StandardOutput.line("\(service): \(result.changed ? "" : "nothing changed: ")\(words)")
    }
}

struct TrafficPause: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pause", abstract: "Let requests wait; those that find no room or wait too long get 503.",
        discussion: "Example: nonevent traffic pause shop --max-wait 10")
    @OptionGroup var arguments: TrafficArguments
    @Option(help: ArgumentHelp("Requests that may wait at once (default 1000).", valueName: "number"))
    var maxRequests: Int?
    @Option(help: ArgumentHelp("Longest wait of a request (default 30).", valueName: "seconds"))
    var maxWait: Double?
    @Option(help: ArgumentHelp("Retry-After of the 503 (default 5).", valueName: "seconds"))
    var retryAfter: Double?
    @Option(help: ArgumentHelp("Why, for people.", valueName: "text"))
    var reason: String?

    func run() async throws {
        try await arguments.act(
            .pause,
            TrafficHoldRequest(
                maxRequests: maxRequests, maxWaitSeconds: maxWait, retryAfterSeconds: retryAfter, reason: reason))
    }
}

struct TrafficStop: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "stop", abstract: "Answer every request with 503 and a page.",
        discussion: "Example: nonevent traffic stop shop --page maintenance.html --retry-after 600")
    @OptionGroup var arguments: TrafficArguments
    @Option(help: ArgumentHelp("File with the page, in UTF-8, at most 1 MiB.", valueName: "file"))
    var page: String?
    @Option(help: ArgumentHelp("Retry-After of the 503 (default 5).", valueName: "seconds"))
    var retryAfter: Double?
    @Option(help: ArgumentHelp("Why, for people.", valueName: "text"))
    var reason: String?

    func run() async throws {
        try await arguments.act(
            .stop, TrafficHoldRequest(retryAfterSeconds: retryAfter, page: try page.map(Self.read), reason: reason))
    }

    private static func read(_ path: String) throws -> String {
        let data: Data
        do { data = try Data(contentsOf: URL(fileURLWithPath: path)) } catch {
            throw CommandFailure(.badInput, "cannot read the page \(path): \(error)")
        }
        guard let text = String(bytes: data, encoding: .utf8) else {
            throw CommandFailure(.badInput, "the page \(path) is not UTF-8 text")
        }
        guard data.count <= TrafficBounds.pageBytes else {
            throw CommandFailure(
                .badInput, "the page \(path) has \(data.count) bytes; at most \(TrafficBounds.pageBytes) are possible")
        }
        return text
    }
}

struct TrafficResume: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "resume", abstract: "Let requests go on.",
        discussion: "Example: nonevent traffic resume shop")
    @OptionGroup var arguments: TrafficArguments
    func run() async throws { try await arguments.act(.resume) }
}
