import DeliveryModel

extension RouteRule {
    func validate(at check: FieldCheck) throws(RouterError) {
        guard hasCondition else {
            throw malformed(
                "\(check.place): without a condition; write at least one of header, cookie, query, method, pathPrefix, "
                    + "pathRegex, source")
        }
        if !name.isEmpty {
            try check.text(
                name, "name", RouteText.isParameterName,
                "at most \(RouteText.longestName) bytes without control characters")
        }
        try header?.validate(at: check, "header", RouteText.isToken, "the name of a header")
        try cookie?.validate(at: check, "cookie", RouteText.isToken, "the name of a cookie")
        try query?.validate(
            at: check, "query", RouteText.isParameterName,
            "the name of a parameter, of 1 to \(RouteText.longestName) bytes")
        try check.methods(methods, "method")
        if let pathPrefix {
            try check.text(
                pathPrefix, "pathPrefix", RouteText.isPath,
                "a path that starts with '/', without query, fragment, spaces and control characters")
        }
        if let pathRegex { try check.pattern(pathRegex, "pathRegex") }
        try check.count(source.count, "source", 0...TrafficBounds.ranges)
        guard case .named(let text) = release else { return }
        if let meant = EditDistance.nearest(to: text, among: ReleaseRole.allCases.map(\.rawValue)) {
            throw malformed("\(check.place): release '\(text)' is unknown; did you mean '\(meant)'?")
        }
        try check.text(
            text, "release", RouteText.isReleaseName,
            "'candidate', 'baseline', or \(RouteText.selectorLength.lowerBound) to "
                + "\(RouteText.selectorLength.upperBound) characters of a commit or digest")
    }
}

extension FieldCondition {
    func validate(
        at check: FieldCheck, _ field: String, _ isName: (String) -> Bool, _ expected: String
    ) throws(RouterError) {
        try check.text(name, "\(field).name", isName, expected)
        let value = "text of at most \(RouteText.longestValue) bytes without control characters"
        switch test {
        case .equals(let text): try check.text(text, "\(field).equals", RouteText.isValue, value)
        case .prefix(let text): try check.text(text, "\(field).prefix", RouteText.isValue, value)
        case .regex(let text): try check.pattern(text, "\(field).regex")
        case .present: break
        }
    }
}
