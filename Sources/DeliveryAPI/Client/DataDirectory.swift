import FoundationEssentials

/// Where one control plane keeps everything of its own.
public struct DataDirectory: Sendable, Equatable, CustomStringConvertible {
    /// Absolute path, without a `/` at its end.
    public let path: String

    /// - Parameter path: taken from the working directory when it is relative.
    public init(path: String) {
        var absolute = path.hasPrefix("/") ? path : FileManager.default.currentDirectoryPath + "/" + path
        while absolute.count > 1, absolute.hasSuffix("/") { absolute.removeLast() }
        self.path = absolute
    }

    /// The directory to use: `explicit` (the flag `--data`), else `$NONEVENT_DATA`, else `$XDG_STATE_HOME/nonevent`,
    /// else
    /// `~/.local/state/nonevent`. Empty values count as missing, and so does a relative `$XDG_STATE_HOME`
    /// (XDG Base Directory Specification 0.8). The directory need not exist.
    public static func resolve(explicit: String?, environment: [String: String]) -> DataDirectory {
        func value(_ name: String) -> String? { environment[name].flatMap { $0.isEmpty ? nil : $0 } }
        if let explicit, !explicit.isEmpty { return DataDirectory(path: explicit) }
        if let named = value("NONEVENT_DATA") { return DataDirectory(path: named) }
        if let state = value("XDG_STATE_HOME"), state.hasPrefix("/") { return DataDirectory(path: state + "/nonevent") }
        return DataDirectory(path: (value("HOME") ?? "/var/lib") + "/.local/state/nonevent")
    }

    /// Holds the token that may do everything; mode 0600.
    public var tokenFile: String { path + "/token" }
    /// Holds the token that may only read; mode 0600.
    public var readTokenFile: String { path + "/token.read" }
    /// Holds the address of the control plane, written by `nonevent serve`.
    public var urlFile: String { path + "/url" }
    public var description: String { path }
}
