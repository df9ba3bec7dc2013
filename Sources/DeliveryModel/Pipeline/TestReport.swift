/// The tests that a stage reported.
public struct TestReport: Sendable, Equatable, Codable {
    public struct Case: Sendable, Equatable, Codable {
        public enum Outcome: String, Sendable, Codable {
            case passed
            /// An expectation did not hold.
            case failed
            /// The test broke before it could tell.
            case error
            case skipped
        }

        /// Class, file or suite that the test belongs to; may be empty.
        public var suite: String
        public var name: String
        public var outcome: Outcome
        /// Zero when the report does not say.
        @InSeconds public var duration: Duration
        /// What the report says of a failure, an error or a skip: its beginning.
        public var message: String

        public init(
            suite: String, name: String, outcome: Outcome, duration: Duration = .zero, message: String = ""
        ) {
            self.suite = suite
            self.name = name
            self.outcome = outcome
            _duration = InSeconds(wrappedValue: duration)
            self.message = message
        }
    }

    /// In the order of the report; those that failed are kept before others when there are too many.
    public var cases: [Case]
    /// Numbers of all tests, those that are not in ``cases`` included.
    public var passed: Int
    public var failed: Int
    public var errors: Int
    public var skipped: Int
    /// Sum of the tests' own durations.
    @InSeconds public var duration: Duration

    public init(
        cases: [Case] = [], passed: Int = 0, failed: Int = 0, errors: Int = 0, skipped: Int = 0,
        duration: Duration = .zero
    ) {
        self.cases = cases
        self.passed = passed
        self.failed = failed
        self.errors = errors
        self.skipped = skipped
        _duration = InSeconds(wrappedValue: duration)
    }

    public var total: Int { passed + failed + errors + skipped }
}
