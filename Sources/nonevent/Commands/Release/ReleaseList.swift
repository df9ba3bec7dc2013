import ArgumentParser
import DeliveryAPI
import DeliveryModel

struct ReleasesCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "releases",
        abstract: "List the releases of a service that are kept, newest first.",
        discussion: """
            Any of them can be named to `undo --to`. With --json one object a line. Example: nonevent releases shop
            """)

    @Argument(help: "The service.")
    var service: ServiceName
    @OptionGroup var output: OutputOptions
    @OptionGroup var controlPlane: ControlPlaneOptions

    func run() async throws {
        let releases = try await controlPlane.withClient { try await $0.releases(service) }.releases
        guard !output.json else { return try releases.forEach { try StandardOutput.json($0) } }
        var table = TextTable(["release", "commit", "made", "state", "share", "instances"])
        for release in releases {
            table.add([
                release.release.short, TerminalText.shownCommit(release.commit),
                release.createdAt.description, release.state, release.shareBasisPoints.description,
                String(release.instances.count),
            ])
        }
        try table.lines(.current).forEach { try StandardOutput.line($0) }
    }
}
