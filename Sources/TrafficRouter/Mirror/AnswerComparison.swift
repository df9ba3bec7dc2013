/// How a candidate's answer differs from the baseline's to the same request, and how far the baseline differs from
/// itself.
///
/// Pure: no clock, no chance. The work is bounded by the limits of `ComparisonOptions`: about 8 microseconds for two
/// bodies of 2 KiB that differ, below one millisecond for the worst bodies of 2,000 values.
struct AnswerComparison: Sendable, Equatable {
    let candidate: AnswerDifferences
    /// Between the primary answer and a second one of the baseline; `nil` when there was none.
    let noise: AnswerDifferences?

    /// Compares answers to the same request.
    ///
    /// - Parameters:
    ///   - primary: what the person got from the baseline.
    ///   - candidate: what the mirrored request brought.
    ///   - noise: what the baseline answered when asked again. It should be asked at the same moment as the candidate:
    ///     then, if the candidate behaves like the baseline, both differ from `primary` equally often.
    static func compare(
        primary: ComparedAnswer, candidate: ComparedAnswer, noise: ComparedAnswer? = nil,
        options: ComparisonOptions = .init()
    ) -> AnswerComparison {
        var reader = PrimaryReader(answer: primary, options: options)
        return AnswerComparison(
            candidate: differences(&reader, candidate, options),
            noise: noise.map { differences(&reader, $0, options) })
    }

    private static func differences(
        _ reader: inout PrimaryReader, _ other: ComparedAnswer, _ options: ComparisonOptions
    ) -> AnswerDifferences {
        var found = AnswerDifferences()
        let primary = reader.answer
        if options.comparesStatus, primary.status != other.status {
            found.add(.init(part: .status, kind: .value, path: ""), maxDifferences: options.maxDifferences) {
                .init(baseline: "\(primary.status)", candidate: "\(other.status)")
            }
        }
        for name in options.headers { compareField(name, primary, other, options, &found) }
        // With another status the body is another one, and its differences say nothing that the status does not.
        guard options.comparesBodies, primary.status == other.status || !options.comparesStatus else { return found }
        guard primary.isWhole, other.isWhole, primary.body.count <= options.maxBodyBytes,
            other.body.count <= options.maxBodyBytes
        else {
            found.reach(.bodyBytes)
            return found
        }
        found.isBodyCompared = true
        guard primary.body != other.body else { return found }
        guard primary.isJSON, other.isJSON else {
            compareBytes(primary, other, options, &found)
            return found
        }
        guard !primary.isEncoded, !other.isEncoded else {
            found.reach(.contentEncoding)
            compareBytes(primary, other, options, &found)
            return found
        }
        compareDocuments(&reader, other, options, &found)
        return found
    }

    private static func compareDocuments(
        _ reader: inout PrimaryReader, _ other: ComparedAnswer, _ options: ComparisonOptions,
        _ found: inout AnswerDifferences
    ) {
        let left = reader.document()
        let right = PrimaryReader.read(other.body, options)
        if let limit = left.limit ?? right.limit {
            found.reach(limit)
            compareBytes(reader.answer, other, options, &found)
            return
        }
        switch (left, right) {
        case (.document(let one), .document(let two)):
            var comparison = JSONComparison(left: one, right: two, options: options, found: found)
            comparison.run()
            found = comparison.found
        case (.document, _), (_, .document):
            found.add(.init(part: .json, kind: .type, path: ""), maxDifferences: options.maxDifferences) {
                example(reader.answer.body, other.body, options)
            }
        default: compareBytes(reader.answer, other, options, &found)
        }
    }

    private static func compareField(
        _ name: String, _ primary: ComparedAnswer, _ other: ComparedAnswer, _ options: ComparisonOptions,
        _ found: inout AnswerDifferences
    ) {
        let (left, right) = (primary.values(name), other.values(name))
        guard left != right else { return }
        let order = { (values: [[UInt8]]) in values.sorted { $0.lexicographicallyPrecedes($1) } }
        let kind: DifferenceKey.Kind =
            right.isEmpty ? .missing : left.isEmpty ? .extra : order(left) == order(right) ? .order : .value
        found.add(.init(part: .header, kind: kind, path: name), maxDifferences: options.maxDifferences) {
            let joined = { (values: [[UInt8]]) -> String? in
                values.isEmpty
                    ? nil
                    : BoundedText.make(
                        Array(values.joined(separator: [0x2C, 0x20])),
                        limit: options.maxExampleBytes)
            }
            return .init(baseline: joined(left), candidate: joined(right))
        }
    }

    private static func compareBytes(
        _ primary: ComparedAnswer, _ other: ComparedAnswer, _ options: ComparisonOptions,
        _ found: inout AnswerDifferences
    ) {
        let kind: DifferenceKey.Kind = primary.body.count == other.body.count ? .value : .length
        found.add(.init(part: .bytes, kind: kind, path: ""), maxDifferences: options.maxDifferences) {
            guard kind == .length else { return example(primary.body, other.body, options) }
            return .init(baseline: "\(primary.body.count) bytes", candidate: "\(other.body.count) bytes")
        }
    }

    private static func example(
        _ left: [UInt8], _ right: [UInt8], _ options: ComparisonOptions
    ) -> DifferenceExample {
        .init(
            baseline: BoundedText.make(left, limit: options.maxExampleBytes),
            candidate: BoundedText.make(right, limit: options.maxExampleBytes))
    }
}

/// The primary answer, whose body is read once for both comparisons, and only when it is needed.
private struct PrimaryReader {
    enum Body {
        case document(JSONDocument)
        case malformed
        case over(ComparisonLimit)

        var limit: ComparisonLimit? { if case .over(let limit) = self { limit } else { nil } }
    }

    let answer: ComparedAnswer
    let options: ComparisonOptions
    private var read: Body?

    init(answer: ComparedAnswer, options: ComparisonOptions) {
        self.answer = answer
        self.options = options
    }

    mutating func document() -> Body {
        if let read { return read }
        let body = Self.read(answer.body, options)
        read = body
        return body
    }

    static func read(_ body: [UInt8], _ options: ComparisonOptions) -> Body {
        do throws(JSONFlaw) {
            let document = try JSONDocument.parse(body, maxDepth: options.maxDepth, maxFields: options.maxFields)
            return .document(document.ignoring(options.ignored))
        } catch {
            switch error {
            case .malformed: return .malformed
            case .tooDeep: return .over(.depth)
            case .tooManyFields: return .over(.fields)
            }
        }
    }
}
