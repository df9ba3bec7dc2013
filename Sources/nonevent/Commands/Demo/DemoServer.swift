import DeliveryAPI
import DeliveryModel
import FoundationEssentials

/// A control plane of the demo's own, started and stopped as anybody would.
struct DemoServer: Sendable {
    static let startLimit = Duration.seconds(30)
    static let look = Duration.milliseconds(50)

    let program: String
    let repository: DemoRepository
    private let child: Task<Void, Never>

    static func start(program: String, repository: DemoRepository) async throws -> DemoServer {
        let log = repository.place + "/serve.log"
        // Not a part of the task that may be cancelled: it ends by `serve --stop`.
        let child = Task {
            _ = try? await DemoTool.run(
                "sh",
                [
                    "-c", #"exec "$@" >>"$0" 2>&1"#, log, program, "serve", "--data", repository.data, "--listen",
                    "127.0.0.1:0", "--traffic", "127.0.0.1:0",
                ])
        }
        let server = DemoServer(program: program, repository: repository, child: child)
        let deadline = ContinuousClock.now + startLimit
        while await !server.isReady() {
            guard ContinuousClock.now < deadline else {
                let said = FileManager.default.contents(atPath: log).map {
                    String(decoding: $0.suffix(2000), as: UTF8.self)
                }
                await server.stop()
                throw CommandFailure(
                    .failed, "`nonevent serve` is not ready after \(startLimit): \(said ?? "it says nothing")")
            }
            do { try await Task.sleep(for: look) } catch {
                await server.stop()
                throw error
            }
        }
        return server
    }

    func location() throws -> ControlPlaneLocation {
        try ControlPlaneLocation.find(environment: [:], data: DataDirectory(path: repository.data))
    }

    /// Where people send their requests.
    func traffic() throws -> LoadTarget {
        let file = repository.data + "/traffic"
        let text = FileManager.default.contents(atPath: file).map { String(decoding: $0, as: UTF8.self) } ?? ""
        let url = String(text.prefix { !$0.isWhitespace })
        guard let target = LoadTarget(url + "/", authority: "shop.localhost") else {
            throw CommandFailure(.failed, "expected the address of the traffic in \(file), found '\(url)'")
        }
        return target
    }

    /// The command line, as people use it.
    func command(_ arguments: [String]) async throws -> DemoTool.Result {
        try await DemoTool.run(program, arguments + ["--data", repository.data])
    }

    /// Ends everything, also in a task that is cancelled already.
    func stop() async {
        let (program, data, child) = (program, repository.data, child)
        await Task {
            let result = try? await DemoTool.run(program, ["serve", "--stop", "--data", data])
            if result?.succeeded != true {
                StandardError.line(
                    "nonevent: the demo's processes could not be stopped: \(result?.error ?? "no answer"); "
                        + "try: nonevent serve --stop --data \(data)")
                child.cancel()
            }
            await child.value
        }.value
    }

    private func isReady() async -> Bool {
        guard let location = try? location(), (try? traffic()) != nil else { return false }
        return (try? await ControlPlaneClient.with(location) { try await $0.services() }) != nil
    }
}
