import DeliveryModel
import Glibc

/// Runs git so that neither the repository nor the machine's configuration can make it do anything else: no hooks, no
/// helpers, no questions, only the protocols that are allowed.
struct GitCommand: Sendable {
    /// Options that hold whatever a repository says.
    private static let options = [
        "core.hooksPath=/dev/null", "core.fsmonitor=false", "core.attributesFile=/dev/null",
        "core.excludesFile=/dev/null", "core.symlinks=true", "core.autocrlf=false", "core.protectNTFS=false",
        "core.quotePath=false", "gc.auto=0", "maintenance.auto=false", "fetch.recurseSubmodules=no",
        "submodule.recurse=false", "fetch.unpackLimit=1", "fetch.writeCommitGraph=false", "credential.helper=",
        "http.lowSpeedLimit=1000", "http.lowSpeedTime=60", "transfer.fsckObjects=true",
        // Harmless mistakes of old tools, which many histories have.
        "fetch.fsck.zeroPaddedFilemode=ignore", "fetch.fsck.missingSpaceBeforeDate=ignore",
        "fetch.fsck.badTimezone=ignore", "fetch.fsck.missingTaggerEntry=ignore", "fetch.fsck.missingEmail=ignore",
        "fetch.fsck.missingNameBeforeEmail=ignore", "fetch.fsck.missingSpaceBeforeEmail=ignore",
        "fetch.fsck.badEmail=ignore", "fetch.fsck.badName=ignore", "fetch.fsck.multipleAuthors=ignore",
        "fetch.fsck.gitmodulesName=ignore", "fetch.fsck.gitmodulesUrl=ignore", "fetch.fsck.gitmodulesPath=ignore",
        "fetch.fsck.gitmodulesUpdate=ignore", "fetch.fsck.gitmodulesParse=ignore",
    ]
    /// What git needs of this process's surroundings: keys of ssh, `~/.netrc`, proxies.
    private static let inherited = [
        "HOME", "SSH_AUTH_SOCK", "http_proxy", "https_proxy", "HTTPS_PROXY", "no_proxy", "NO_PROXY", "SSL_CERT_FILE",
        "SSL_CERT_DIR", "GIT_SSL_CAINFO", "TMPDIR",
    ]
    private static let search = "/usr/local/bin:/usr/bin:/bin"

    /// Absolute path of the bare repository.
    let repository: String
    let limits: GitLimits
    /// Absolute path of a directory that commands lay files out in; `nil`: none.
    var workTree: String?

    /// Output of a command that must succeed.
    ///
    /// - Parameters:
    ///   - environment: further variables, such as another index.
    ///   - fileBytes: most bytes of any file that git writes; `nil`: not bounded.
    /// - Throws: `.timedOut`, `.refused` for too long an answer, `.failed` with git's own last words.
    func ask(
        _ arguments: [String], environment: [String: String] = [:], within time: Duration? = nil,
        fileBytes: Int? = nil
    ) async throws(DriverError) -> [UInt8] {
        let outcome = try await run(arguments, environment: environment, within: time, fileBytes: fileBytes)
        switch outcome.ending {
        case .exited(code: 0): return outcome.output
        case .exited, .signalled: throw DriverError(.failed, "\(name(arguments)) fails: \(Self.words(outcome.error))")
        case .timedOut:
            throw DriverError(
                .timedOut, "\(name(arguments)) did not end within \(time ?? limits.answerTime) and was ended")
        case .tooMuchOutput:
            throw DriverError(
                .refused, "the answer of \(name(arguments)) is larger than \(limits.answerBytes) bytes")
        case .cancelled: throw DriverError(.failed, "\(name(arguments)) was told to stop")
        }
    }

    /// Whether a command succeeds, for those whose exit code is an answer.
    func holds(_ arguments: [String]) async throws(DriverError) -> Bool {
        let outcome = try await run(arguments)
        return outcome.ending == .exited(code: 0)
    }

    func run(
        _ arguments: [String], environment: [String: String] = [:], within time: Duration? = nil,
        fileBytes: Int? = nil
    ) async throws(DriverError) -> ChildRun.Outcome {
        var line = ["git", "--git-dir", repository, "--literal-pathspecs"]
        for option in Self.options { line += ["-c", option] }
        if let workTree { line += ["-c", "core.bare=false", "--work-tree", workTree] }
        line += arguments
        var path = try Self.git()
        if let fileBytes {
            // `ulimit -f` counts blocks of 512 bytes. The limit is inherited by all that git starts.
            let script = #"ulimit -f "$1"; shift; exec "$@""#
            line = ["sh", "-c", script, "sh", "\(max(1, fileBytes / 512))", path] + line.dropFirst()
            path = "/bin/sh"
        }
        let child = ChildRun(
            path: path, arguments: line, environment: Self.environment(environment),
            timeLimit: time ?? limits.answerTime, outputLimit: limits.answerBytes)
        do { return try await child.run() } catch {
            throw DriverError(.failed, "git cannot be started: \(error)")
        }
    }

    /// The last words of git's standard error without what is not for people.
    static func words(_ error: [UInt8]) -> String {
        let lines = String(decoding: error, as: UTF8.self).split(whereSeparator: \.isNewline)
        let telling = lines.filter { !$0.hasPrefix("hint:") && !$0.isEmpty }.suffix(4)
        let text = telling.isEmpty ? "it gave no reason" : telling.joined(separator: "; ")
        return GitText.plain(withoutPasswords(text), limit: 1000)
    }

    /// `//user:password@` becomes `//`.
    static func withoutPasswords(_ text: String) -> String {
        var result = ""
        var rest = text[...]
        while let slashes = rest.firstRange(of: "//") {
            result += rest[..<slashes.upperBound]
            rest = rest[slashes.upperBound...]
            let authority = rest.prefix { $0 != "/" && !$0.isWhitespace && $0 != "'" && $0 != "\"" }
            if let at = authority.lastIndex(of: "@") { rest = rest[rest.index(after: at)...] }
        }
        return result + rest
    }

    private func name(_ arguments: [String]) -> String { "git \(arguments.first { !$0.hasPrefix("-") } ?? "")" }

    private static func git() throws(DriverError) -> String {
        for directory in search.split(separator: ":") where access("\(directory)/git", X_OK) == 0 {
            return "\(directory)/git"
        }
        throw DriverError(.failed, "expected git in \(search), found none; install the package 'git'")
    }

    private static func environment(_ more: [String: String]) -> [String] {
        var variables = [
            "PATH": search, "LC_ALL": "C", "GIT_TERMINAL_PROMPT": "0", "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_CONFIG_GLOBAL": "/dev/null", "GIT_ATTR_NOSYSTEM": "1", "GIT_OPTIONAL_LOCKS": "0",
            "GIT_NO_REPLACE_OBJECTS": "1", "GIT_ALLOW_PROTOCOL": GitURL.protocols.joined(separator: ":"),
            "GIT_SSH_COMMAND": "ssh -oBatchMode=yes -oConnectTimeout=20",
        ]
        for name in inherited {
            if let value = getenv(name) { variables[name] = String(cString: value) }
        }
        variables.merge(more) { $1 }
        return variables.map { "\($0.key)=\($0.value)" }
    }
}

/// Text that comes out of repositories, made fit for people's terminals.
enum GitText {
    /// Without control characters, which could rewrite a terminal; cut at `limit` characters.
    static func plain(_ text: some StringProtocol, limit: Int) -> String {
        let characters = text.unicodeScalars.lazy.map { scalar -> Character in
            scalar.properties.generalCategory == .control || scalar.properties.generalCategory == .format
                ? " " : Character(scalar)
        }
        return String(String(characters).prefix(limit))
    }
}
