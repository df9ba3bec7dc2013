import Yams

extension ServiceFileReader {
    mutating func readScalar(_ node: Node, as value: ServiceFileValue, at path: String) -> ServiceFileTree? {
        guard let scalar = node.scalar, !Self.isNull(scalar) else {
            refuse(node, path, Self.naming(node), value.expectation)
            return nil
        }
        guard scalar.string.utf8.count <= ServiceFileLimits.textBytes else {
            refuse(
                node, path, "text of \(scalar.string.utf8.count) bytes", "at most \(ServiceFileLimits.textBytes) bytes")
            return nil
        }
        if case .text(let form) = value, let complaint = form.complaint(about: scalar.string) {
            refuse(node, path, complaint.found, complaint.expected, complaint.suggestion)
            return nil
        }
        let read: (value: ServiceFileTree?, suggestion: String?) =
            switch value {
            case .text(let form): Self.text(scalar.string, form)
            case .choice(let words):
                words.contains(scalar.string)
                    ? (.text(scalar.string), nil) : (nil, EditDistance.nearest(to: scalar.string, among: words))
            case .integer(let range): Self.integer(scalar, range)
            case .toggle, .toggleOr: Self.toggle(scalar)
            case .number(let range):
                (Self.number(scalar).flatMap { range.contains($0) ? .number($0) : nil }, nil)
            case .fraction: Self.fraction(scalar)
            case .duration(let range): Self.duration(scalar.string, range)
            case .ratio: Self.ratio(scalar.string)
            case .size(let range): Self.size(scalar.string, range)
            case .mapping, .list, .steps, .share, .names, .refused, .textOrWords: (nil, nil)
            }
        if read.value == nil { refuse(node, path, Self.naming(node), value.expectation, read.suggestion) }
        return read.value
    }

    private static func text(_ text: String, _ form: ServiceFileValue.TextForm) -> (ServiceFileTree?, String?) {
        switch form {
        case .serviceName:
            if ServiceName(text) != nil { return (.text(text), nil) }
            let plain = String(text.lowercased().map { $0 == "_" || $0 == " " || $0 == "." ? "-" : $0 })
            return (nil, ServiceName(plain)?.text)
        case .free, .argument:
            return (text.utf8.contains(0) ? nil : .text(text), nil)
        case .relativePath:
            return (ServiceFileCheck.isInside(text) ? .text(text) : nil, nil)
        case .host:
            let host = text.lowercased()
            if ServiceFileCheck.isHost(host) { return (.text(host), nil) }
            let withoutPort = String(host.prefix { $0 != ":" })
            return (nil, ServiceFileCheck.isHost(withoutPort) && !host.contains("//") ? withoutPort : nil)
        case .routePath, .requestPath:
            let query = form == .requestPath
            if ServiceFileCheck.isRequestPath(text, query: query) { return (.text(text), nil) }
            return (nil, ServiceFileCheck.isRequestPath("/" + text, query: query) ? "/" + text : nil)
        case .absolutePath: return (ServiceFileCheck.isAbsolutePath(text) ? .text(text) : nil, nil)
        case .userName: return (ServiceFileCheck.isUserName(text) ? .text(text) : nil, nil)
        case .serverURL: return (.text(ServerURL.withoutTrailingSlashes(text)), nil)
        case .query, .promQL, .metricSelector:
            return (text.allSatisfy(\.isWhitespace) || text.utf8.contains(0) ? nil : .text(text), nil)
        // Written in any case, compared without it.
        case .headerName: return (.text(text.lowercased()), nil)
        case .routerFile, .addressRange, .cookieName, .parameterName, .comparedValue, .pattern, .releaseSelector,
            .jsonPointer, .label, .script, .stageVariable, .secretName, .glob, .branch, .freezeMoment, .zone, .reason:
            return (.text(text), nil)
        }
    }

    private static func integer(_ scalar: Node.Scalar, _ range: ClosedRange<Int>) -> (ServiceFileTree?, String?) {
        let digits = scalar.string.hasPrefix("-") ? scalar.string.dropFirst() : scalar.string[...]
        guard !digits.isEmpty, digits.allSatisfy({ $0.isASCII && $0.isNumber }), let number = Int(scalar.string),
            range.contains(number)
        else { return (nil, nil) }
        return isQuoted(scalar) ? (nil, "\(number) without quotes") : (.integer(number), nil)
    }

    /// Digits, a point and an exponent; whatever else the standard library reads (hexadecimal, infinity) is refused.
    private static func number(_ scalar: Node.Scalar) -> Double? {
        guard !isQuoted(scalar), scalar.string.utf8.count <= 64,
            scalar.string.allSatisfy({ $0.isASCII && ($0.isNumber || ".eE+-".contains($0)) })
        else { return nil }
        return Double(scalar.string)
    }

    private static func fraction(_ scalar: Node.Scalar) -> (ServiceFileTree?, String?) {
        if let number = number(scalar) { return (number > 0 && number < 1 ? .number(number) : nil, nil) }
        guard let ratio = ServiceFileText.ratio(scalar.string), ratio > 0, ratio < 1 else { return (nil, nil) }
        return (nil, "\(ratio)")
    }

    private static func toggle(_ scalar: Node.Scalar) -> (ServiceFileTree?, String?) {
        switch scalar.string {
        case "on": return (.flag(true), nil)
        case "off": return (.flag(false), nil)
        case "true" where !isQuoted(scalar), "True" where !isQuoted(scalar), "TRUE" where !isQuoted(scalar):
            return (.flag(true), nil)
        case "false" where !isQuoted(scalar), "False" where !isQuoted(scalar), "FALSE" where !isQuoted(scalar):
            return (.flag(false), nil)
        default: break
        }
        // Not by the nearest word: "no" is as near to "on" as can be.
        let word = scalar.string.lowercased()
        if ["on", "true", "yes", "y", "1"].contains(word) { return (nil, "on") }
        return (nil, ["off", "false", "no", "n", "0"].contains(word) ? "off" : nil)
    }

    private static func duration(_ text: String, _ range: ClosedRange<Duration>) -> (ServiceFileTree?, String?) {
        if let duration = ServiceFileText.duration(text) {
            return (range.contains(duration) ? .duration(duration) : nil, nil)
        }
        let inSeconds = text + "s"
        let fits = ServiceFileText.duration(inSeconds).map(range.contains) ?? false
        return (nil, fits ? inSeconds : nil)
    }

    private static func ratio(_ text: String) -> (ServiceFileTree?, String?) {
        if let ratio = ServiceFileText.ratio(text) { return (ratio > 0 && ratio < 1 ? .number(ratio) : nil, nil) }
        guard let ratio = ServiceFileText.ratio(text + "%"), ratio > 0, ratio < 1 else { return (nil, nil) }
        // 0.999 means 99.9 %, not 0.999 %: offer only what can be meant.
        return (nil, ratio > 0.01 ? text + "%" : nil)
    }

    /// What is there, in words for a person; long texts are cut.
    static func naming(_ node: Node) -> String {
        switch node {
        case .mapping(let mapping): return mapping.isEmpty ? "an empty mapping" : "a mapping"
        case .sequence(let sequence): return sequence.isEmpty ? "an empty list" : "a list"
        case .alias: return "an alias"
        case .scalar(let scalar):
            if isNull(scalar) { return "empty" }
            let text = scalar.string
            return text.count > 60 ? "'\(text.prefix(60))...'" : "'\(text)'"
        }
    }

    /// A text where a list belongs, as the list that is probably meant.
    static func asList(_ node: Node) -> String? {
        guard let scalar = node.scalar, !isNull(scalar), scalar.string.count <= 200 else { return nil }
        let words = scalar.string.split(whereSeparator: \.isWhitespace)
        guard !words.isEmpty, !words.contains(where: { $0.contains("\"") || $0.contains("'") || $0.contains("\\") })
        else { return nil }
        return "[" + words.map { "\"\($0)\"" }.joined(separator: ", ") + "]"
    }

    private static func isQuoted(_ scalar: Node.Scalar) -> Bool {
        scalar.style == .singleQuoted || scalar.style == .doubleQuoted
    }

    private static func isNull(_ scalar: Node.Scalar) -> Bool {
        scalar.style == .plain && ["", "~", "null", "Null", "NULL"].contains(scalar.string)
    }
}
