/// What is wrong with one value, before it is known where the value stands.
struct ServiceFileComplaint: Sendable, Equatable {
    var found: String
    var expected: String
    var suggestion: String?

    init(_ found: String, expected: String, suggestion: String? = nil) {
        self.found = found
        self.expected = expected
        self.suggestion = suggestion
    }
}

extension ServiceFileValue.TextForm {
    /// - Returns: `nil` when `text` is right, or when all there is to say is what belongs here (``expectation``).
    func complaint(about text: String) -> ServiceFileComplaint? {
        switch self {
        case .serverURL: ServerURL.complaint(about: text)
        case .query:
            text.utf8.count > ServiceFileLimits.queryBytes
                ? ServiceFileComplaint("a query of \(text.utf8.count) bytes", expected: expectation) : nil
        case .promQL: MetricQuery.complaint(about: text, naming: ["release", "commit"])
        case .metricSelector: MetricSelector.complaint(about: text)
        case .routerFile, .addressRange, .headerName, .cookieName, .parameterName, .comparedValue, .pattern,
            .releaseSelector, .jsonPointer:
            RouteWords.complaint(about: text, as: self)
        case .label, .script, .stageVariable, .secretName, .glob, .branch, .freezeMoment, .zone, .reason:
            PipelineWords.complaint(about: text, as: self)
        default: nil
        }
    }
}
