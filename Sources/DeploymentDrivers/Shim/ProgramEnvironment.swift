import DeliveryModel
import Glibc

/// The environment of an instance's program, and its command with variables filled in.
struct ProgramEnvironment {
    /// Names an instance's processes beyond doubt: the path of its directory.
    static let directoryVariable = "NONEVENT_INSTANCE_DIRECTORY"
    /// What a program gets from its surroundings; all else comes from the plan, so that releases behave alike
    /// everywhere.
    private static let inherited = ["PATH", "HOME", "LANG", "LC_ALL", "TZ", "USER", "LOGNAME", "TMPDIR"]

    let variables: [String: String]

    init(_ plan: InstancePlan, port: Int, directory: String, kept: [String: String] = [:]) {
        var variables: [String: String] = [:]
        for name in Self.inherited {
            if let value = getenv(name) { variables[name] = String(cString: value) }
        }
        variables["MALLOC_ARENA_MAX"] = "2"
        variables.merge(plan.environment) { _, planned in planned }
        variables["PORT"] = String(port)
        variables["NONEVENT_SERVICE"] = plan.service.text
        variables["NONEVENT_RELEASE"] = plan.release.description
        variables["NONEVENT_COMMIT"] = plan.commit
        variables["NONEVENT_CONFIG"] = plan.configDirectory
        variables["NONEVENT_INSTANCE"] = plan.id
        variables[Self.directoryVariable] = directory
        variables.merge(kept) { _, own in own }
        self.variables = variables
    }

    /// Puts variables in place of `$NAME` and `${NAME}`; `$$` is `$`. A name that is not set becomes nothing, as in a
    /// shell; any other
    /// `$` stays.
    func fill(_ text: String) -> String {
        var result: [UInt8] = []
        let bytes = Array(text.utf8)
        var at = 0
        while at < bytes.count {
            guard bytes[at] == UInt8(ascii: "$"), at + 1 < bytes.count else {
                result.append(bytes[at])
                at += 1
                continue
            }
            if bytes[at + 1] == UInt8(ascii: "$") {
                result.append(UInt8(ascii: "$"))
                at += 2
                continue
            }
            let braced = bytes[at + 1] == UInt8(ascii: "{")
            let start = at + (braced ? 2 : 1)
            var end = start
            while end < bytes.count, Self.isNamePart(bytes[end], first: end == start) { end += 1 }
            guard end > start, !braced || (end < bytes.count && bytes[end] == UInt8(ascii: "}")) else {
                result.append(bytes[at])
                at += 1
                continue
            }
            let name = String(decoding: bytes[start..<end], as: UTF8.self)
            result.append(contentsOf: (variables[name] ?? "").utf8)
            at = end + (braced ? 1 : 0)
        }
        return String(decoding: result, as: UTF8.self)
    }

    /// Where the program is: a path with `/` as it stands (relative ones belong to the working directory), a bare name
    /// by `PATH`.
    func locate(_ program: String) -> String? {
        if program.contains("/") { return program }
        for directory in (variables["PATH"] ?? "/usr/local/bin:/usr/bin:/bin").split(separator: ":") {
            let path = "\(directory)/\(program)"
            if access(path, X_OK) == 0 { return path }
        }
        return nil
    }

    private static func isNamePart(_ byte: UInt8, first: Bool) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "_"): true
        case UInt8(ascii: "0")...UInt8(ascii: "9"): !first
        default: false
        }
    }
}
