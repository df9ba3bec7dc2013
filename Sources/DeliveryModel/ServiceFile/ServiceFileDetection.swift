/// Guesses from the files of a directory how its service is started, for `nonevent init`.
public enum ServiceFileDetection {
    /// One file of the directory.
    public struct File: Sendable, Equatable {
        /// Relative to the directory, with `/` between components.
        public var path: String
        public var isExecutable: Bool
        public init(_ path: String, isExecutable: Bool = false) {
            self.path = path
            self.isExecutable = isExecutable
        }
    }

    /// - Parameters:
    ///   - files: what the directory holds; order does not matter.
    ///   - directoryName: becomes the service's name as far as it can.
    ///   - procfileWeb: what stands after `web:` in a `Procfile`.
    /// - Returns: a commented service file that ``ServiceFileParser`` accepts, and remarks for the person.
    public static func propose(
        files: [File], directoryName: String, procfileWeb: String? = nil
    ) -> (yaml: String, notes: [String]) {
        let proposal = recognise(files, directoryName, procfileWeb)
        let config = files.map(\.path).filter { $0.hasPrefix("config/") && ServiceFileCheck.isInside($0) }.sorted()
        return (
            ServiceFileTemplate.yaml(
                service: serviceName(directoryName), proposal: proposal, config: Array(config.prefix(20))),
            proposal.notes
        )
    }

    /// The directory's name in lower case, everything that a service name may not have replaced by `-`.
    static func serviceName(_ directoryName: String) -> String {
        let mapped = directoryName.lowercased().unicodeScalars.map { scalar -> Character in
            ("a"..."z").contains(scalar) || ("0"..."9").contains(scalar) ? Character(scalar) : "-"
        }
        let words = String(mapped.split(separator: "-").joined(separator: ["-"])).prefix(63)
        let name = words.hasSuffix("-") ? words.dropLast() : words
        return ServiceName(String(name))?.text ?? "service"
    }

    private static func recognise(_ files: [File], _ name: String, _ web: String?) -> ServiceFileProposal {
        let paths = Set(files.map(\.path))
        func has(_ path: String) -> Bool { paths.contains(path) }
        func top(_ folder: String) -> [String] { paths.contains { $0.hasPrefix(folder) } ? [folder] : [] }
        if let words = web?.split(whereSeparator: \.isWhitespace).map(String.init), let web, !words.isEmpty {
            let needsShell = web.contains { "'\"\\`;&|<>()*?~=".contains($0) }
            return ServiceFileProposal(
                "Procfile", needsShell ? ["sh", "-c", "exec " + web] : words, include: ["./"],
                notes: ["The command is the 'web' line of the Procfile."])
        }
        let programs = files.filter { $0.isExecutable && $0.path.hasPrefix("bin/") }.map(\.path).sorted()
        if let program = programs.first {
            let other = programs.count > 1 ? ["bin/ has \(programs.count) programs; the first one was taken."] : []
            return ServiceFileProposal(
                "a program in bin/", ["./" + program], include: ["bin/"] + top("assets/"), notes: other)
        }
        if has("Package.swift") {
            let targets = paths.compactMap { path -> String? in
                let parts = path.split(separator: "/")
                return parts.count == 3 && parts[0] == "Sources" && parts[2] == "main.swift" ? String(parts[1]) : nil
            }
            let program = targets.min() ?? name
            return ServiceFileProposal(
                "Swift", ["./.build/release/\(program)"], include: [".build/release/\(program)"] + top("Public/"),
                notes: ["Build before every deploy: swift build -c release --static-swift-stdlib"])
        }
        return recogniseByManifest(paths, name)
    }

    private static func recogniseByManifest(_ paths: Set<String>, _ name: String) -> ServiceFileProposal {
        func has(_ path: String) -> Bool { paths.contains(path) }
        func top(_ folder: String) -> [String] { paths.contains { $0.hasPrefix(folder) } ? [folder] : [] }
        if has("Cargo.toml") {
            return ServiceFileProposal(
                "Rust", ["./target/release/\(name)"], include: ["target/release/\(name)"],
                notes: ["Build before every deploy: cargo build --release"])
        }
        if has("go.mod") {
            let program = serviceName(name)
            return ServiceFileProposal(
                "Go", ["./bin/\(program)"], include: ["bin/"],
                notes: ["Build before every deploy: go build -o bin/\(program) ."])
        }
        if has("package.json") {
            let script = ["server.js", "index.js", "app.js", "main.js"].first(where: has)
            return ServiceFileProposal(
                "Node.js", script.map { ["node", $0] } ?? ["npm", "start"], include: ["./"],
                notes: ["The program must listen on process.env.PORT.", "Install before every deploy: npm ci"])
        }
        let script = ["server.py", "app.py", "main.py"].first(where: has)
        if script != nil || has("requirements.txt") || has("pyproject.toml") {
            return ServiceFileProposal(
                "Python", ["python3", script ?? "app.py"], include: ["./"],
                notes: [
                    script == nil
                        ? "No server.py, app.py or main.py was found: put your program's name in run.command."
                        : "The program must listen on os.environ['PORT']."
                ])
        }
        if has("nginx.conf") {
            return ServiceFileProposal(
                "nginx",
                [
                    "sh", "-c",
                    "sed \"s/\\$PORT/$PORT/\" nginx.conf > \"nginx.$PORT.conf\" && exec nginx -p . -c "
                        + "\"nginx.$PORT.conf\" -g 'daemon off;'",
                ],
                include: ["./"], ready: "/",
                notes: ["nginx.conf must say: listen 127.0.0.1:$PORT; the command fills the port in."])
        }
        if let index = ["index.html", "public/index.html", "dist/index.html"].first(where: has) {
            let folder = index.split(separator: "/").dropLast().joined(separator: "/")
            return ServiceFileProposal(
                "static files",
                ["python3", "-m", "http.server", "$PORT", "--bind", "127.0.0.1"]
                    + (folder.isEmpty ? [] : ["--directory", folder]),
                include: [folder.isEmpty ? "./" : folder + "/"], ready: "/",
                notes: ["Static files are served by Python's http.server: fine to begin with."])
        }
        return ServiceFileProposal(
            nil, ["./\(serviceName(name))", "--port", "$PORT"], include: ["./"],
            notes: ["Nothing known was found: put your program in run.command."])
    }
}

/// How a service is probably started.
struct ServiceFileProposal {
    /// What it was recognised by; `nil` when nothing was.
    var origin: String?
    var command: [String]
    var include: [String]
    var ready: String
    var notes: [String]

    init(_ origin: String?, _ command: [String], include: [String], ready: String = "/healthz", notes: [String]) {
        self.origin = origin
        self.command = command
        self.include = include
        self.ready = ready
        self.notes = notes
    }
}
