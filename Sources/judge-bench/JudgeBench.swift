import Foundation

/// Measures the judge against its peers on simulated traffic and writes the figures as Markdown.
@main struct JudgeBench {
    static func main() async {
        do throws(UsageError) {
            let options = try Options(Array(CommandLine.arguments.dropFirst()))
            let text = await figures(options)
            if let out = options.out {
                guard (try? text.write(toFile: out, atomically: true, encoding: .utf8)) != nil else {
                    throw UsageError("cannot write '\(out)'; is there such a folder?")
                }
                say("written to \(out)\n")
            } else {
                FileHandle.standardOutput.write(Data(text.utf8))
            }
        } catch {
            say(error.message + "\n")
            exit(64)
        }
    }

    private static func figures(_ options: Options) async -> String {
        let clock = ContinuousClock()
        let start = clock.now
        var suite = Suite(options) { step in
            say("\(Int((clock.now - start) / .seconds(1))) s  \(step)\n")
        }
        await suite.run()
        var seen = suite.seen
        seen.seconds = (clock.now - start) / .seconds(1)
        return Report(seen).markdown(machine: Machine.lines)
    }

    private static func say(_ text: String) { FileHandle.standardError.write(Data(text.utf8)) }
}

/// Where figures were measured.
enum Machine {
    static var lines: [String] {
        let information = (try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8)) ?? ""
        let model = information.split(separator: "\n").first { $0.hasPrefix("model name") }?
            .split(separator: ":").last.map { $0.trimmingCharacters(in: .whitespaces) }
        return [
            "- Processor: \(ProcessInfo.processInfo.activeProcessorCount) x \(model ?? "unknown")",
            "- System: \(ProcessInfo.processInfo.operatingSystemVersionString)",
            "- Measured \(Date.now.formatted(.iso8601))",
        ]
    }
}
