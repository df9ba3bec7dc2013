import ArgumentParser
import DeliveryAPI
import DeliveryModel
import FoundationEssentials

struct InitCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "init",
        abstract: "Write a first service file, or let a git repository tell of pushes.",
        discussion: """
            Writes nonevent.yaml, never over a file. With --git it writes the hook `post-receive` into a bare \
            repository instead, and adds the repository to the control plane; a push never waits longer than 5 s for \
            it and never fails because of it.
            Example: nonevent init --git /srv/git/shop.git
            """)

    @Option(help: "Where to write it.")
    var directory = "."
    @Option(help: ArgumentHelp("Bare git repository that shall tell of pushes.", valueName: "directory"))
    var git: String?
    @Option(
        help: ArgumentHelp("With --git: what to call the repository (default: its directory).", valueName: "name"))
    var name: String?
    @OptionGroup var controlPlane: ControlPlaneOptions

    func run() async throws {
        if let git { return try await watch(git) }
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

    private func watch(_ git: String) async throws {
        func absolute(_ path: String) -> String {
            var whole = path.hasPrefix("/") ? path : FileManager.default.currentDirectoryPath + "/" + path
            while whole.count > 1, whole.hasSuffix("/") || whole.hasSuffix("/.") { whole.removeLast() }
            return whole
        }
        let repository = absolute(git)
        let data = DataDirectory.resolve(
            explicit: controlPlane.data, environment: ProcessInfo.processInfo.environment)
        let hook = GitHook(
            repository: repository, name: name ?? Self.name(of: repository),
            executable: try ServeCommand.executable(), data: absolute(data.path))
        guard ServiceName(hook.name) != nil else {
            throw CommandFailure(
                .usage, "'\(hook.name)' cannot name a repository: lower-case letters, digits and '-'; give --name")
        }
        try hook.install()
        try StandardOutput.line("Wrote \(hook.path).")
        do {
            let added = try await controlPlane.withClient { client in
                try await client.addRepository(RepositoryRequest(name: hook.name, url: repository))
            }
            try StandardOutput.line("The control plane builds what is pushed there, as repository \(added.name).")
        } catch let error as ControlPlaneUnreachable {
            StandardError.line(
                "nonevent: \(error.message)\nWhen it runs: nonevent pipeline repositories add \(hook.name) "
                    + repository)
        }
    }

    /// `/srv/git/Shop.git` is `shop`.
    private static func name(of repository: String) -> String {
        var parts = repository.split(separator: "/").map(String.init)
        if parts.last == ".git" { parts.removeLast() }
        var name = parts.last ?? "repository"
        if name.hasSuffix(".git") { name.removeLast(4) }
        return String(name.lowercased().map { $0.isASCII && ($0.isLetter || $0.isNumber) ? $0 : "-" })
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
