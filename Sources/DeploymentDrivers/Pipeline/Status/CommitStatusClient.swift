public import AsyncHTTPClient
public import DeliveryModel
import FoundationEssentials
import NIOCore
import NIOHTTP1

/// What a forge shows beside a commit.
public struct CommitStatus: Sendable, Equatable {
    public enum State: String, Sendable, Codable {
        case pending
        case success
        case failure
        /// It could not be tried.
        case error
    }

    public var state: State
    /// Tells this status from others of the same commit: `nonevent/<service>`.
    public var context: String
    /// One sentence; cut at 140 characters, which is what GitHub takes.
    public var description: String
    /// Where a person reads more; `nil`: nowhere.
    public var target: String?

    public init(state: State, context: String, description: String, target: String? = nil) {
        self.state = state
        self.context = context
        self.description = description
        self.target = target
    }
}

/// The forge that keeps a repository, and where its API is.
public struct CommitStatusTarget: Sendable, Equatable {
    public enum Forge: String, Sendable, Codable, CaseIterable {
        case github
        case gitea
    }

    public var forge: Forge
    /// Without a slash at the end: `https://api.github.com`, `https://<host>/api/v3` (GitHub Enterprise),
    /// `https://<host>/api/v1` (Gitea).
    public var base: String
    public var owner: String
    public var repository: String

    /// - Parameter base: `nil`: where the forge has its API on the host of the repository's URL.
    /// - Returns: `nil` when the URL's path is not `owner/repository`, or the base no `http` URL.
    public init?(forge: Forge, repository url: GitURL, base: String? = nil) {
        let parts = url.path.split(separator: "/")
        guard parts.count == 2, url.scheme != "file" || base != nil else { return nil }
        self.forge = forge
        owner = String(parts[0])
        repository = String(parts[1])
        var base = base ?? Self.base(of: forge, host: url.host)
        while base.hasSuffix("/") { base.removeLast() }
        guard base.hasPrefix("https://") || base.hasPrefix("http://") else { return nil }
        self.base = base
    }

    private static func base(of forge: Forge, host: String) -> String {
        switch forge {
        case .github where host.lowercased() == "github.com": "https://api.github.com"
        case .github: "https://\(host)/api/v3"
        case .gitea: "https://\(host)/api/v1"
        }
    }
}

/// Tells forges how commits are: `POST /repos/{owner}/{repo}/statuses/{sha}`, which GitHub ("REST API endpoints for
/// commit statuses") and Gitea ("repoCreateStatus") take in the same form.
public struct CommitStatusClient: Sendable {
    public struct Limits: Sendable, Equatable {
        /// For one try.
        public var time = Duration.seconds(10)
        public var tries = 3
        /// Before the second try; doubled before each one after it.
        public var pause = Duration.seconds(1)
        /// Longest pause that a forge may ask for.
        public var longestPause = Duration.seconds(30)

        public init() {}
    }

    private static let answerBytes = 64 << 10
    private static let descriptionCharacters = 140

    private let client: HTTPClient
    private let limits: Limits
    private let pause: @Sendable (Duration) async throws -> Void

    /// - Parameters:
    ///   - client: one that follows no redirects, since a token is for one server alone; shut down by its owner.
    ///   - pause: waits between two tries.
    public init(
        client: HTTPClient, limits: Limits = Limits(),
        pause: @escaping @Sendable (Duration) async throws -> Void = { try await Task.sleep(for: $0) }
    ) {
        self.client = client
        self.limits = limits
        self.pause = pause
    }

    /// Sets a commit's status. Setting the same one twice does no harm.
    ///
    /// - Throws: `.refused` when the forge will not take it (wrong token, unknown commit), `.unreachable` when it could
    ///   not be reached in all tries. The token is in no message.
    public func report(
        _ status: CommitStatus, of commit: String, at target: CommitStatusTarget, token: String
    ) async throws(DriverError) {
        let request = try request(status, commit, target, token)
        let place = "\(target.forge.rawValue) at \(target.base)"
        var pause = limits.pause
        var words = ""
        for attempt in 1...max(1, limits.tries) {
            let exchange = MetricExchange(client: client, limit: limits.time, bodyLimit: Self.answerBytes)
            var wanted = pause
            do {
                let answer = try await exchange.send(request)
                if (200..<300).contains(answer.status) { return }
                guard Self.mayPass(answer) else { throw refusal(answer, commit, place) }
                words = "it answers \(answer.status)"
                if let seconds = answer.headers.first(name: "retry-after").flatMap({ Double($0) }), seconds >= 0 {
                    wanted = min(limits.longestPause, .seconds(seconds))
                }
            } catch let failure as MetricExchange.Failure {
                words = failure.words
                if !failure.mayPass { throw DriverError(.refused, "\(place) cannot be told: \(words)") }
            } catch let error as DriverError {
                throw error
            } catch {
                throw DriverError(.failed, "telling \(place) was given up")
            }
            guard attempt < limits.tries else { break }
            do { try await self.pause(wanted) } catch { throw DriverError(.failed, "telling \(place) was given up") }
            pause *= 2
        }
        throw DriverError(
            .unreachable, "\(place) was not told of commit \(commit.prefix(12)) in \(limits.tries) tries: \(words)")
    }

    private struct Body: Encodable {
        var state: String
        var context: String
        var description: String
        var target: String?

        enum CodingKeys: String, CodingKey {
            case state, context, description
            case target = "target_url"
        }
    }

    private func request(
        _ status: CommitStatus, _ commit: String, _ target: CommitStatusTarget, _ token: String
    ) throws(DriverError) -> HTTPClientRequest {
        guard [40, 64].contains(commit.utf8.count), commit.allSatisfy({ $0.isASCII && $0.isHexDigit }) else {
            throw DriverError(.refused, "expected the full hash of a commit, found '\(commit.prefix(80))'")
        }
        guard !token.isEmpty, token.utf8.allSatisfy({ (33...126).contains($0) }) else {
            throw DriverError(.refused, "the token for \(target.base) is empty or holds what no header may")
        }
        let body = Body(
            state: status.state.rawValue, context: status.context,
            description: String(status.description.prefix(Self.descriptionCharacters)), target: status.target)
        guard let data = try? JSONEncoder.canonical.encode(body) else {
            throw DriverError(.refused, "the status of \(commit.prefix(12)) cannot be encoded")
        }
        let path = [target.owner, target.repository].map(Self.escaped).joined(separator: "/")
        var request = HTTPClientRequest(url: "\(target.base)/repos/\(path)/statuses/\(commit)")
        request.method = .POST
        request.headers.add(name: "content-type", value: "application/json")
        request.headers.add(name: "user-agent", value: "nonevent")
        switch target.forge {
        case .github:
            request.headers.add(name: "authorization", value: "Bearer \(token)")
            request.headers.add(name: "accept", value: "application/vnd.github+json")
            request.headers.add(name: "x-github-api-version", value: "2022-11-28")
        case .gitea:
            request.headers.add(name: "authorization", value: "token \(token)")
            request.headers.add(name: "accept", value: "application/json")
        }
        request.body = .bytes(ByteBuffer(bytes: data))
        return request
    }

    /// Whether the same request may do better in a moment.
    private static func mayPass(_ answer: MetricExchange.Answer) -> Bool {
        answer.status >= 500 || answer.status == 429 || answer.status == 408
            || answer.status == 403 && answer.headers.contains(name: "retry-after")
    }

    private func refusal(_ answer: MetricExchange.Answer, _ commit: String, _ place: String) -> DriverError {
        let advice =
            switch answer.status {
            case 401: "the token is wrong or has expired"
            case 403:
                "the token may not set statuses: it needs the right 'statuses: write' (GitHub) or 'repository' (Gitea)"
            case 404: "the repository or the commit is unknown there, or the token may not see it"
            case 422: "it does not know commit \(commit.prefix(12))"
            default: "see whether its address is right"
            }
        return DriverError(.refused, "\(place) answers \(answer.status): \(advice)")
    }

    private static func escaped(_ part: String) -> String {
        part.utf8.map { byte in
            switch byte {
            case 48...57, 65...90, 97...122, 45, 46, 95, 126: return String(UnicodeScalar(byte))
            default:
                let text = String(byte, radix: 16, uppercase: true)
                return "%" + (text.count == 1 ? "0" : "") + text
            }
        }.joined()
    }
}
