import FoundationEssentials

/// Address of a control plane and the token to show it.
public struct ControlPlaneLocation: Sendable, Equatable {
    /// `http://host:port`, without a `/` at its end.
    public var url: String
    /// Empty when none is known; the control plane then answers 401.
    public var token: String
    /// Who asks, for the journal: `$NONEVENT_ACTOR`, else the user's name; empty: the control plane calls them `api`.
    public var actor: String

    public init(url: String, token: String, actor: String = "") {
        self.url = url
        self.actor = actor
        while self.url.hasSuffix("/") { self.url.removeLast() }
        self.token = token
    }

    /// `$NONEVENT_URL` and `$NONEVENT_TOKEN`, each else from the files that `nonevent serve` keeps in its data
    /// directory. The token file
    /// is not read for another machine's address, so that a local token never leaves this machine.
    /// - Throws: `ControlPlaneUnreachable` when neither names an address, or the address is not an http URL.
    public static func find(
        environment: [String: String], data: DataDirectory
    ) throws(ControlPlaneUnreachable) -> ControlPlaneLocation {
        let localURL = readLine(data.urlFile).map { ControlPlaneLocation(url: $0, token: "").url }
        let namedURL = environment["NONEVENT_URL"].flatMap { $0.isEmpty ? nil : $0 }
        guard let url = namedURL ?? localURL else {
            throw ControlPlaneUnreachable(
                message: "no control plane has run here: expected its address in \(data.urlFile) or $NONEVENT_URL; "
                    + "start one with `nonevent serve`, or name its directory with --data")
        }
        guard url.hasPrefix("http://") || url.hasPrefix("https://") else {
            throw ControlPlaneUnreachable(
                message: "expected an address such as http://127.0.0.1:7400 in "
                    + (namedURL == nil ? data.urlFile : "$NONEVENT_URL") + ", found '\(url.prefix(200))'")
        }
        var location = ControlPlaneLocation(url: url, token: "")
        location.actor =
            ["NONEVENT_ACTOR", "USER", "LOGNAME"].lazy.compactMap { environment[$0] }
            .first { !$0.isEmpty && $0.utf8.allSatisfy { (0x21...0x7e).contains($0) } } ?? ""
        if let token = environment["NONEVENT_TOKEN"], !token.isEmpty {
            location.token = token
        } else if location.url == localURL {
            location.token = readLine(data.tokenFile) ?? readLine(data.readTokenFile) ?? ""
        }
        return location
    }

    private static func readLine(_ path: String) -> String? {
        guard let bytes = FileManager.default.contents(atPath: path), bytes.count <= 4096 else { return nil }
        let line = String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isWhitespace).first.map(String.init)
        return line?.isEmpty == true ? nil : line
    }
}
