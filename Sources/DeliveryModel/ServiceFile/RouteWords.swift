/// What is wrong with texts under `route`, in words for people.
enum RouteWords {
    /// - Returns: `nil` when `text` is right.
    static func complaint(about text: String, as form: ServiceFileValue.TextForm) -> ServiceFileComplaint? {
        let isRight: Bool
        switch form {
        case .routerFile: isRight = RouteText.isFile(text)
        case .logFile: isRight = text == "-" || RouteText.isFile(text)
        case .headerName, .cookieName: isRight = RouteText.isToken(text)
        case .parameterName: isRight = RouteText.isParameterName(text)
        case .comparedValue: isRight = RouteText.isValue(text)
        case .jsonPointer:
            let isPlain = !text.hasPrefix("/") && RouteText.isJSONPointer("/" + text)
            return RouteText.isJSONPointer(text) ? nil : refusal(text, form, isPlain ? "/" + text : nil)
        case .addressRange: return AddressRange(text) == nil ? addressRange(text) : nil
        case .pattern: return pattern(text)
        case .releaseSelector: return selector(text)
        default: return nil
        }
        return isRight ? nil : refusal(text, form)
    }

    private static func refusal(
        _ text: String, _ form: ServiceFileValue.TextForm, _ suggestion: String? = nil
    ) -> ServiceFileComplaint {
        ServiceFileComplaint(shown(text), expected: form.expectation, suggestion: suggestion)
    }

    private static func addressRange(_ text: String) -> ServiceFileComplaint {
        guard let meant = AddressRange.around(text) else { return refusal(text, .addressRange) }
        return ServiceFileComplaint(
            "\(shown(text)), an address with bits set after its prefix", expected: "the first address of the range",
            suggestion: meant.description)
    }

    private static func pattern(_ text: String) -> ServiceFileComplaint? {
        guard (1...RouteText.longestPattern).contains(text.utf8.count) else {
            return ServiceFileComplaint(
                "a text of \(text.utf8.count) bytes", expected: ServiceFileValue.TextForm.pattern.expectation)
        }
        return RouteText.isPattern(text)
            ? nil : ServiceFileComplaint(shown(text), expected: "a valid regular expression")
    }

    private static func selector(_ text: String) -> ServiceFileComplaint? {
        let roles = ReleaseRole.allCases.map(\.rawValue)
        let digits = text.hasPrefix("sha256:") ? text.dropFirst(7) : text[...]
        let isName = (4...64).contains(digits.utf8.count) && digits.allSatisfy { "0123456789abcdef".contains($0) }
        guard !isName, !roles.contains(text) else { return nil }
        return refusal(text, .releaseSelector, EditDistance.nearest(to: text, among: roles))
    }

    private static func shown(_ text: String) -> String {
        text.count > 60 ? "'\(text.prefix(60))...'" : "'\(text)'"
    }
}
