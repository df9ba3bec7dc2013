import ArgumentParser
import DeliveryModel
import FoundationEssentials

struct InitCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "init",
        abstract: "Write a first service file, nonevent.yaml.",
        discussion: "Never writes over a file. Example: nonevent init --directory shop")

    @Option(help: "Where to write it.")
    var directory = "."

    func run() async throws {
        let path = directory + "/nonevent.yaml"
        guard !FileManager.default.fileExists(atPath: path) else {
            throw CommandFailure(
                .failed, "\(path) is there already; edit it, and look it over with `nonevent validate`")
        }
        let absolute = directory.hasPrefix("/") ? directory : FileManager.default.currentDirectoryPath + "/" + directory
        let name = absolute.split(separator: "/").last { $0 != "." }.map(String.init) ?? "app"
        let proposal: (yaml: String, notes: [String])
        do {
            try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
            let web = FileManager.default.contents(atPath: directory + "/Procfile").flatMap(Self.procfileWeb)
            proposal = ServiceFileDetection.propose(
                files: Self.files(in: directory), directoryName: name, procfileWeb: web)
            try Data(proposal.yaml.utf8).write(to: URL(filePath: path), options: [.withoutOverwriting])
        } catch {
            throw CommandFailure(.failed, "cannot write \(path): \(error)")
        }
        try StandardOutput.line("Wrote \(path). Look at how it starts your program, then: nonevent deploy --wait")
        try proposal.notes.forEach { try StandardOutput.line("  " + $0) }
    }

    /// What stands after `web:`.
    static func procfileWeb(_ data: Data) -> String? {
        let lines = String(decoding: data.prefix(64 << 10), as: UTF8.self).split(whereSeparator: \.isNewline)
        guard let line = lines.first(where: { $0.hasPrefix("web:") }) else { return nil }
        return line.dropFirst(4).split(whereSeparator: \.isWhitespace).joined(separator: " ")
    }

    /// Files two directories deep, without hidden ones: enough to recognise how a program is built.
    static func files(in directory: String) -> [ServiceFileDetection.File] {
        var found: [ServiceFileDetection.File] = []
        var waiting = [(path: "", depth: 0)]
        while let next = waiting.popLast(), found.count < maximumFiles {
            let full = directory + "/" + next.path
            let names = (try? FileManager.default.contentsOfDirectory(atPath: full)) ?? []
            for name in names.sorted() where !name.hasPrefix(".") && name != "node_modules" {
                let path = next.path.isEmpty ? name : next.path + "/" + name
                var isDirectory = false
                guard FileManager.default.fileExists(atPath: directory + "/" + path, isDirectory: &isDirectory) else {
                    continue
                }
                if !isDirectory {
                    let isExecutable = FileManager.default.isExecutableFile(atPath: directory + "/" + path)
                    found.append(ServiceFileDetection.File(path, isExecutable: isExecutable))
                } else if next.depth < maximumDepth {
                    waiting.append((path, next.depth + 1))
                }
            }
        }
        return found
    }

    private static let maximumFiles = 2000
    private static let maximumDepth = 2
}
