extension ServiceFileValue {
    /// How a person is told what belongs here.
    var expectation: String {
        switch self {
        case .mapping(let keys, _): "keys and values (\(keys.allowedNames))"
        case .list(let element, let count):
            count.lowerBound > 0
                ? "a list of at least \(count.lowerBound), each \(element.expectation)"
                : "a list, each entry \(element.expectation)"
        case .steps: "'auto' or a list of rising shares that ends at 100%, such as [1%, 5%, 25%, 50%, 100%]"
        case .names(.variable, _, _): "names and their values, such as LOG_LEVEL: info"
        case .names(.metric, _, let limit): "at most \(limit) names with keys and values each"
        case .names(.group, _, _): "names of groups and their limits, such as payments: 1"
        case .toggle: "on or off"
        case .toggleOr(let keys, _):
            keys.allowedNames.isEmpty ? "on or off" : "on, off, or keys and values (\(keys.allowedNames))"
        case .text(let form): form.expectation
        case .textOrWords(let form, _): "\(form.expectation), or a list of texts: the program and its arguments"
        case .choice(let words): "one of " + words.joined(separator: ", ")
        case .integer(let range): "a whole number from \(range.lowerBound) to \(range.upperBound)"
        case .number(let range): "a number from \(range.lowerBound) to \(range.upperBound)"
        case .duration(let range):
            "a duration from \(ServiceFileText.text(range.lowerBound)) to \(ServiceFileText.text(range.upperBound)), "
                + "such as 500ms, 30s, 10m, 1h or 7d"
        case .fraction: "a number above 0 and below 1, such as 0.01"
        case .ratio(let example): "per cent above 0% and below 100%, such as \(example)"
        case .share(let range): "a share from \(range.lowerBound) to \(range.upperBound), such as 1% or 0.05%"
        case .size(let range):
            "a size from \(ServiceFileText.size(range.lowerBound)) to \(ServiceFileText.size(range.upperBound)), "
                + "such as 512B, 64KiB or 1MiB"
        case .refused(let reason): reason
        }
    }
}

extension ServiceFileValue.TextForm {
    var expectation: String {
        switch self {
        case .serviceName: "1 to 63 lower-case letters, digits and '-', starting and ending with a letter or digit"
        case .free: "text"
        case .argument: "text"
        case .relativePath: "a path relative to this file's directory, without '..'"
        case .host: "a host name without scheme, port, path or spaces, such as shop.example.com"
        case .routePath: "a path that begins with '/', such as /shop"
        case .requestPath: "a path that begins with '/', such as /healthz"
        case .absolutePath:
            "an absolute path on the control plane's machine, such as /etc/nonevent/prometheus.token"
        case .serverURL: "a URL with http or https and a host, such as http://127.0.0.1:9090"
        case .userName: "a user name of 1 to 255 bytes without ':' and control characters"
        case .query, .promQL: "a query of 1 to \(ServiceFileLimits.queryBytes) bytes"
        case .metricSelector:
            "a metric's name, with label matchers if need be, such as orders_total{status=\"paid\"}; "
                + "functions, ranges and sums need source: prometheus"
        case .logFile: "an absolute path, such as /var/log/nonevent/access.log, or '-' for the router's own log"
        case .routerFile: "an absolute path on the router's machine, such as /etc/nonevent/shop.pem"
        case .addressRange: "an IP address or a range of them, such as 10.0.0.0/8, 2001:db8::/32 or 192.0.2.1"
        case .headerName: "the name of a header, such as x-user-id"
        case .cookieName: "the name of a cookie, such as beta"
        case .parameterName: "the name of a query's parameter, of 1 to \(RouteText.longestName) bytes, such as beta"
        case .comparedValue: "text of at most \(RouteText.longestValue) bytes without control characters"
        case .pattern: "a regular expression of 1 to \(RouteText.longestPattern) bytes, such as ^/(cart|checkout)"
        case .releaseSelector:
            "candidate, baseline, or the beginning of a commit or digest: 4 to 64 hexadecimal digits"
        case .jsonPointer: "a JSON pointer, such as /items/0/price; '*' stands for any one name or index"
        case .label: "1 to 63 letters, digits, '.', '_' and '-', starting with a letter or digit"
        case .script: "commands for the shell, not empty"
        case .stageVariable: "NAME=value, or NAME to take it from the control plane's environment"
        case .secretName: "the name of a secret: letters, digits and '_', not beginning with a digit"
        case .glob: "a path or pattern inside the directory, such as Sources/**/*.swift, without '..'"
        case .branch: "the name of a branch, such as main, without refs/heads/"
        case .freezeMoment: "a weekday or date and a time, such as Fri 16:00 or 2026-12-24 00:00"
        case .zone: "a name of the IANA time zone database, such as Europe/Berlin or UTC"
        case .reason: "text of 1 to 200 bytes without control characters"
        }
    }

    /// The same rule as a regular expression, for the schema.
    var pattern: String? {
        switch self {
        case .serviceName: "^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$"
        case .free, .argument: nil
        case .relativePath: "^(?!/)(?!(.*/)?\\.\\.(/|$))[^\\u0000-\\u001f\\u007f]+$"
        case .host:
            "^(?=.{1,253}$)[A-Za-z0-9_]([A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?"
                + "(\\.[A-Za-z0-9_]([A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?)*$"
        case .routePath: "^/[^\\u0000-\\u0020\\u007f?#]*$"
        case .requestPath: "^/[^\\u0000-\\u0020\\u007f#]*$"
        case .absolutePath: "^/[^\\u0000-\\u001f\\u007f]*[^/\\u0000-\\u001f\\u007f]$"
        case .serverURL:
            "^https?://([A-Za-z0-9_]([A-Za-z0-9._-]{0,251}[A-Za-z0-9_])?|\\[[0-9A-Fa-f:.]{2,45}\\])"
                + "(:[1-9][0-9]{0,4})?(/[^\\u0000-\\u0020\\u007f?#]*)?$"
        case .userName: "^[^\\u0000-\\u001f\\u007f:]{1,255}$"
        case .query: "[^\\s]"
        case .promQL:
            "^(?=[\\s\\S]*\\{\\{(release|commit)\\}\\})"
                + "((?!\\{\\{)[\\s\\S]|\\{\\{(\(MetricQuery.placeholders.joined(separator: "|")))\\}\\})+$"
        case .metricSelector: MetricSelector.pattern
        case .logFile: "^(-|/[^\\u0000-\\u001f\\u007f]*[^/\\u0000-\\u001f\\u007f])$"
        case .routerFile: "^/[^\\u0000-\\u001f\\u007f]*[^/\\u0000-\\u001f\\u007f]$"
        case .addressRange: Self.addressRangePattern
        case .headerName, .cookieName: "^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,\(RouteText.longestName)}$"
        case .parameterName: "^[^\\u0000-\\u001f\\u007f]{1,\(RouteText.longestName)}$"
        case .comparedValue: "^[^\\u0000-\\u001f\\u007f]{0,\(RouteText.longestValue)}$"
        case .pattern: "^[\\s\\S]{1,\(RouteText.longestPattern)}$"
        case .releaseSelector: "^(candidate|baseline|(sha256:)?[0-9a-f]{4,64})$"
        case .jsonPointer: "^(/([^~\\u0000-\\u001f\\u007f]|~[01])*)?$"
        case .label: "^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$"
        case .script: "[^\\s]"
        case .stageVariable: "^(?!NONEVENT_)[A-Za-z_][A-Za-z0-9_]*(=[^\\u0000]*)?$"
        case .secretName: "^(?!NONEVENT_)[A-Za-z_][A-Za-z0-9_]{0,126}$"
        case .glob: "^(?!/)(?!(.*/)?\\.\\.(/|$))[^\\u0000-\\u001f\\u007f]+$"
        case .branch: PipelineWords.branchPattern
        case .freezeMoment: FreezeMoment.pattern
        case .zone: "^[A-Za-z][A-Za-z0-9_+-]*(/[A-Za-z0-9_+-]+)*$"
        case .reason: "^[^\\u0000-\\u001f\\u007f]{1,200}$"
        }
    }
}

extension ServiceFileValue.TextForm {
    /// Exact for IPv4; of IPv6 only the characters.
    fileprivate static let addressRangePattern: String = {
        let byte = "(25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])"
        let ipv4 = "\(byte)(\\.\(byte)){3}(/(3[0-2]|[12]?[0-9]))?"
        let ipv6 = "[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*(/(12[0-8]|1[01][0-9]|[1-9]?[0-9]))?"
        return "^(\(ipv4)|\(ipv6))$"
    }()
}

extension ServiceFileValue.NameForm {
    /// What several of them are called.
    var plural: String {
        switch self {
        case .variable: "variables"
        case .metric: "metrics"
        case .group: "groups"
        }
    }

    var expectation: String {
        switch self {
        case .variable: "names of letters, digits and '_', not beginning with a digit"
        case .metric, .group: "names of 1 to 63 lower-case letters, digits, '-' and '_'"
        }
    }

    func accepts(_ name: String) -> Bool {
        switch self {
        case .variable: ServiceFileCheck.isVariableName(name)
        case .metric, .group: ServiceFileCheck.isMetricName(name)
        }
    }

    /// Why a well-formed name may not be used all the same.
    func refusal(of name: String) -> String? {
        guard self == .variable, name == "PORT" || name.hasPrefix("NONEVENT_") else { return nil }
        return "no PORT or NONEVENT_*: Nonevent gives these itself"
    }

    /// The same rules as a regular expression, for the schema.
    var pattern: String {
        switch self {
        case .variable: "^(?!PORT$)(?!NONEVENT_)[A-Za-z_][A-Za-z0-9_]*$"
        case .metric, .group: "^[a-z0-9_-]{1,63}$"
        }
    }
}

extension [ServiceFileKey] {
    /// For a person who must choose one.
    var allowedNames: String { filter(\.isAllowed).map(\.name).joined(separator: ", ") }
}
