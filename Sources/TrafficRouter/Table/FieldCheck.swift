import DeliveryModel

/// Checks of single fields of a table. Their errors name the place, the field, what it is and what is allowed.
struct FieldCheck {
    /// For people: `service 'shop', rules[2]`.
    let place: String

    func inside(_ part: String) -> FieldCheck { FieldCheck(place: "\(place), \(part)") }

    func count(_ value: Int, _ field: String, _ range: ClosedRange<Int>) throws(RouterError) {
        guard !range.contains(value) else { return }
        throw malformed(
            "\(place): \(field) has \(value) entries; \(range.lowerBound) to \(range.upperBound) are allowed")
    }

    func number(_ value: Int, _ field: String, _ range: ClosedRange<Int>) throws(RouterError) {
        guard !range.contains(value) else { return }
        throw malformed("\(place): \(field) is \(value); \(range.lowerBound) to \(range.upperBound) is allowed")
    }

    func time(_ value: Duration, _ field: String, _ range: ClosedRange<Duration>) throws(RouterError) {
        guard !range.contains(value) else { return }
        throw malformed(
            "\(place): \(field) is \(value.inSeconds) s; \(range.lowerBound.inSeconds) to "
                + "\(range.upperBound.inSeconds) s is allowed")
    }

    func text(
        _ value: String, _ field: String, _ isRight: (String) -> Bool, _ expected: String
    ) throws(RouterError) {
        guard !isRight(value) else { return }
        throw malformed("\(place): \(field) '\(value.prefix(60))' must be \(expected)")
    }

    func methods(_ methods: [String], _ field: String) throws(RouterError) {
        for method in methods where !RequestMethods.all.contains(method) {
            throw malformed(
                "\(place): \(field) has '\(method.prefix(60))'; allowed are "
                    + RequestMethods.all.joined(separator: ", ")
            )
        }
    }

    func pattern(_ text: String, _ field: String) throws(RouterError) {
        try self.text(
            text, field, RouteText.isPattern,
            "a valid regular expression of 1 to \(RouteText.longestPattern) bytes")
    }

    static func healthPath(_ path: String, at place: String, field: String = "health path") throws(RouterError) {
        guard path.isEmpty || path.hasPrefix("/") else {
            throw malformed("\(place): \(field) '\(path)' must start with '/' or be empty")
        }
        guard !path.utf8.contains(where: { $0 <= 0x20 || $0 == 0x7F }) else {
            throw malformed("\(place): \(field) '\(path)' must not contain spaces or control characters")
        }
    }
}
