import ArgumentParser
import DeliveryModel
import FoundationEssentials

/// A load for benchmarks and tests; no part of the product's surface.
struct BenchLoad: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bench-load", abstract: "Make a steady load and tell what came back.", shouldDisplay: false)

    @Option(help: "http://host:port/path")
    var url: String
    @Option(help: "The host header to send instead of the URL's own.")
    var host: String?
    @Option(help: "Requests a second.")
    var rate = 200
    @Option(help: "How long at most; SIGTERM ends it earlier.")
    var seconds = 10.0
    @Option(help: "Write every sample there: due, began, ended (microseconds since 1970), status, release.")
    var samples: String?
    @OptionGroup var output: OutputOptions

    func validate() throws {
        guard (1...100_000).contains(rate) else { throw ValidationError("--rate is 1 to 100000, not \(rate)") }
        guard seconds > 0, seconds <= 86_400 else { throw ValidationError("--seconds is up to 86400, not \(seconds)") }
    }

    func run() async throws {
        guard let target = LoadTarget(url, authority: host) else {
            throw CommandFailure(.usage, "expected --url such as http://127.0.0.1:8080/, found '\(url)'")
        }
        let load = try await LoadGenerator.start(target: target, rate: rate)
        do {
            try await Interruption.guarding { try await Task.sleep(for: .seconds(seconds)) }
        } catch is Interrupted {
            // Asked to end: what was seen so far is the result.
        }
        await load.stop()
        let found = load.samples.after(0)
        if let samples { try write(found, to: samples) }
        let summary = LoadSummary(found)
        guard !output.json else { return try StandardOutput.json(summary) }
        try StandardOutput.line(
            "\(summary.requests) requests, \(summary.failed) failed, p50 \(summary.p50Milliseconds) ms, "
                + "p99 \(summary.p99Milliseconds) ms")
    }

    private func write(_ found: [LoadSample], to path: String) throws {
        var text = ""
        for sample in found {
            text += "\(sample.due.microseconds),\(sample.began.microseconds),\(sample.ended.microseconds),"
            text += "\(sample.status),\(sample.release)\n"
        }
        do {
            try Data(text.utf8).write(to: URL(filePath: path))
        } catch {
            throw CommandFailure(.failed, "cannot write the samples to \(path): \(error)")
        }
    }
}

/// What a load came to.
struct LoadSummary: Sendable, Equatable, Codable {
    var requests: Int
    var failed: Int
    /// Requests by status; `0`: no answer.
    var byStatus: [String: Int]
    var byRelease: [String: Int]
    /// From due to the last byte.
    var p50Milliseconds: Double
    var p99Milliseconds: Double

    init(_ samples: [LoadSample]) {
        requests = samples.count
        failed = samples.count(where: \.isError)
        byStatus = Dictionary(grouping: samples) { String($0.status) }.mapValues(\.count)
        byRelease = Dictionary(grouping: samples, by: \.release).mapValues(\.count)
        let times = samples.map { Double($0.ended.microseconds - $0.due.microseconds) / 1000 }.sorted()
        func quantile(_ part: Double) -> Double {
            times.isEmpty ? 0 : times[min(times.count - 1, Int(part * Double(times.count)))]
        }
        p50Milliseconds = quantile(0.5)
        p99Milliseconds = quantile(0.99)
    }
}
