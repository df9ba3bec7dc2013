import Foundation
import Glibc

/// Debian's Prometheus, which asks the control plane where the instances are, and scrapes them each second.
final class DebianPrometheus {
    let port: UInt16
    private let process: Spawned

    /// Returns when it answers.
    init(_ world: World) throws {
        let root = world.root + "/prometheus"
        try FileManager.default.createDirectory(atPath: root, withIntermediateDirectories: true)
        let configuration = """
            global: { scrape_interval: 1s }
            scrape_configs:
              - job_name: instances
                http_sd_configs:
                  - url: \(world.file("url"))/api/v1/prometheus/targets
                    refresh_interval: 1s
                    authorization: { type: Bearer, credentials_file: \(world.data)/token.read }

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

    /// How many times it has scraped the series that it has scraped least, over the last minute; 0 without any.
    func samples(_ series: String) -> Double {
        struct Answer: Decodable {
            struct Data: Decodable { var result: [Series] }
            struct Series: Decodable { var value: [Number] }
            struct Number: Decodable {
                var number: Double
                init(from decoder: any Decoder) throws {
                    let value = try decoder.singleValueContainer()
                    number = try (try? value.decode(Double.self)) ?? Double(value.decode(String.self)) ?? 0
                }
            }
            var data: Data
        }
        let path = "/api/v1/query?query=min(count_over_time(\(series)%5B1m%5D))"
        guard let reply = try? Connection(port: port).exchange("GET", path),
            let answer = try? JSONDecoder().decode(Answer.self, from: reply.body)
        else { return 0 }
        return answer.data.result.first?.value.last?.number ?? 0
    }

    func stop() {
        process.signal(SIGKILL)
        _ = process.wait(within: .seconds(10))
    }
}
