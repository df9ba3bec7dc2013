import ArgumentParser
import DeliveryAPI
import DeliveryModel
import FoundationEssentials

struct Demo: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "demo",
        abstract: "Watch good and bad releases being delivered under load, in about two minutes.",
        discussion: """
            Makes a git repository of the example shop and a control plane of its own in a temporary directory, drives \
            steady load, and deploys: a good change, one that fails 5 % of requests, one that fails all, one that \
            never \
            gets ready; then undoes the good one by hand. Exit code 0 only if all went as it should. Touches \
            nothing else on the machine.
            Example: nonevent demo --rate 500
            """)

    @Option(help: "Requests a second.")
    var rate = 200
    @Flag(help: "Leave the temporary directory (journal, logs, repository) to look at.")
    var keep = false
    @Option(
        help: ArgumentHelp(
            "The example service's directory (default: Examples/shop above this program).", valueName: "directory"))
    var example: String?
    @OptionGroup var output: OutputOptions

    func validate() throws {
        // Less tells too little about a release in the seconds that a demo has.
        guard (50...5000).contains(rate) else { throw ValidationError("--rate is 50 to 5000, not \(rate)") }
    }

    func run() async throws {
        let news = DemoNews(text: .current, isSilent: output.json)
        do {
            let report = try await Interruption.guarding { try await deliver(news) }
            if output.json {
                try StandardOutput.json(report)
            } else {
                try report.lines(.current).forEach(StandardOutput.line)
            }
            guard report.ok else { throw CommandFailure(.failed) }
        } catch is Interrupted {
            throw CommandFailure(.failed, "the demo was interrupted; its processes are stopped")
        }
    }

    private func deliver(_ news: DemoNews) async throws -> DemoReport {
        news.say("Building the example service and a repository for it")
        let repository = try await DemoRepository.make(example: example)
        do {
            let report = try await deliver(repository, news)
            finish(repository, news)
            return report
        } catch {
            finish(repository, news)
            throw error
        }
    }

    private func deliver(_ repository: DemoRepository, _ news: DemoNews) async throws -> DemoReport {
        guard let service = ServiceName("shop") else { throw CommandFailure(.failed, "'shop' is no service name") }
        let server = try await DemoServer.start(program: try DemoTool.ownPath(), repository: repository)
        do {
            news.say("`nonevent serve` runs, its data is in \(repository.data)")
            let steps = try await ControlPlaneClient.with(try server.location()) { client in
                try await DemoRun(server: server, client: client, service: service, news: news, rate: rate).run()
            }
            await server.stop()
            let seconds = (ContinuousClock.now - news.began).inSeconds
            return DemoReport(rate: rate, seconds: seconds, steps: steps)
        } catch {
            await server.stop()
            throw error
        }
    }

    private func finish(_ repository: DemoRepository, _ news: DemoNews) {
        if keep { news.say("left for you: \(repository.place)") } else { repository.remove() }
    }
}
