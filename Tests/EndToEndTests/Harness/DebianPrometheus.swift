import Foundation
import Glibc

/// Debian's Prometheus, which scrapes whoever writes a file into a directory, each second.
final class DebianPrometheus {
    let port: UInt16
    /// Where instances write `[{"targets": ["127.0.0.1:PORT"]}]` into a file that ends in `.json`.
    let targets: String
    private let process: Spawned

    /// Returns when it answers.
    init(_ world: World) throws {
        let root = world.root + "/prometheus"
        targets = root + "/targets"
        try FileManager.default.createDirectory(atPath: targets, withIntermediateDirectories: true)
        let configuration = """
            global: { scrape_interval: 1s }
            scrape_configs:
              - job_name: instances
                file_sd_configs: [{ files: ["\(targets)/*.json"], refresh_interval: 1s }]

            """
        try configuration.write(toFile: root + "/prometheus.yml", atomically: true, encoding: .utf8)
        let script = "import socket; s = socket.socket(); s.bind(('127.0.0.1', 0)); print(s.getsockname()[1])"
        guard let port = UInt16(try world.tool("python3", "-c", script)) else {
            throw World.Trouble(description: "no free port")
        }
        self.port = port
        process = try world.program(
            [
                "prometheus", "--config.file=\(root)/prometheus.yml", "--storage.tsdb.path=\(root)/data",
                "--web.listen-address=127.0.0.1:\(port)", "--log.level=warn",
            ], in: nil, ["GOMAXPROCS": "1"])
        let isUp = Poll.until(.seconds(60)) {
            (try? Connection(port: port).exchange("GET", "/-/ready").status) == 200
        }
        guard isUp else { throw World.Trouble(description: "prometheus: \(process.errors)") }
    }

    func stop() {
        process.signal(SIGKILL)
        _ = process.wait(within: .seconds(10))
    }
}
