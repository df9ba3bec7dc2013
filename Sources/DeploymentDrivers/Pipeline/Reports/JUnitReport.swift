import DeliveryModel
import Glibc

/// Adds up reports in the form that JUnit's Ant task began and most test tools write.
struct JUnitReport {
    /// Most bytes of one file.
    static let fileBytes = 16 << 20
    static let fileLimit = 200
    /// Most tests that are kept by name; the others are counted.
    static let caseLimit = 2000
    private static let nameCharacters = 300
    private static let messageCharacters = 500

    private(set) var report = TestReport()

    /// Adds one file's tests; a mistake in it leaves the report as it was.
    mutating func add(_ bytes: [UInt8]) throws(XMLScanner.Mistake) {
        var reading = JUnitReading()
        var scanner = XMLScanner(bytes)
        while let token = try scanner.next() {
            switch token {
            case .start(let name, let attributes): try reading.start(name, attributes)
            case .end(let name):
                if let test = reading.end(name) { reading.cases.append(test) }
            case .text(let text): reading.take(text)
            }
        }
        for test in reading.cases { count(test) }
    }

    private mutating func count(_ test: TestReport.Case) {
        switch test.outcome {
        case .passed: report.passed += 1
        case .failed: report.failed += 1
        case .error: report.errors += 1
        case .skipped: report.skipped += 1
        }
        report.duration += test.duration
        var test = test
        test.suite = GitText.plain(test.suite, limit: Self.nameCharacters)
        test.name = GitText.plain(test.name, limit: Self.nameCharacters)
        test.message = GitText.plain(test.message, limit: Self.messageCharacters)
        if report.cases.count < Self.caseLimit {
            report.cases.append(test)
        } else if test.outcome == .failed || test.outcome == .error,
            let place = report.cases.lastIndex(where: { $0.outcome == .passed || $0.outcome == .skipped })
        {
            report.cases.remove(at: place)
            report.cases.append(test)
        }
    }

    /// Reads the files that a pattern matches in a tree.
    ///
    /// - Returns: `nil` for the report when there was no file that could be read; sentences about what is wrong.
    static func read(_ pattern: String, in tree: String) -> (report: TestReport?, notes: [String]) {
        guard let matching = PathPattern(pattern) else {
            return (nil, ["'\(GitText.plain(pattern, limit: 200))' is no pattern of paths: no tests were read"])
        }
        var paths: [String] = []
        var notes: [String] = []
        DirectoryTree.walk(tree) { found in
            guard found.isFile, matching.matches(found.path) else { return true }
            if found.bytes > fileBytes {
                notes.append("test report \(shown(found.path)) has \(found.bytes) bytes; \(fileBytes) are allowed")
            } else {
                paths.append(found.path)
            }
            return paths.count < fileLimit
        }
        if paths.count == fileLimit { notes.append("only the first \(fileLimit) test reports were read") }
        if paths.isEmpty && notes.isEmpty {
            notes.append("no file matches '\(shown(pattern))': no tests were reported")
        }
        var sum = JUnitReport()
        var readAny = false
        for path in paths {
            guard let bytes = DirectoryTree.beginning(of: path, in: tree, bytes: fileBytes) else {
                notes.append("test report \(shown(path)) cannot be read")
                continue
            }
            do throws(XMLScanner.Mistake) {
                try sum.add(bytes)
                readAny = true
            } catch {
                notes.append("test report \(shown(path)) is not as expected: \(error); its tests are not counted")
            }
        }
        return (readAny ? sum.report : nil, notes)
    }

    private static func shown(_ path: String) -> String { GitText.plain(path, limit: 200) }
}

/// One file on its way.
private struct JUnitReading {
    var cases: [TestReport.Case] = []
    private var test: TestReport.Case?
    private var suites: [String] = []
    private var hasRoot = false
    /// Whether text belongs to a failure, an error or a skip.
    private var takesText = false

    mutating func start(_ name: String, _ attributes: [String: String]) throws(XMLScanner.Mistake) {
        if !hasRoot {
            guard name == "testsuites" || name == "testsuite" else {
                throw XMLScanner.Mistake(line: 1, words: "<\(name)>, where <testsuites> or <testsuite> is expected")
            }
            hasRoot = true
        }
        switch name {
        case "testsuite": suites.append(attributes["name"] ?? "")
        case "testcase":
            test = TestReport.Case(
                suite: attributes["classname"] ?? suites.last ?? "", name: attributes["name"] ?? "", outcome: .passed,
                duration: Self.duration(attributes["time"]))
        case "failure": fails(.failed, attributes)
        case "error": fails(.error, attributes)
        case "skipped": fails(.skipped, attributes)
        default: break
        }
    }

    mutating func end(_ name: String) -> TestReport.Case? {
        switch name {
        case "testsuite": _ = suites.popLast()
        case "failure", "error", "skipped": takesText = false
        case "testcase":
            defer { test = nil }
            return test
        default: break
        }
        return nil
    }

    mutating func take(_ text: String) {
        guard takesText, test?.message.isEmpty == true else { return }
        test?.message = String(text.drop(while: \.isWhitespace))
    }

    /// What is worse counts when a test has several.
    private mutating func fails(_ outcome: TestReport.Case.Outcome, _ attributes: [String: String]) {
        guard let now = test?.outcome else { return }
        takesText = now == .passed
        guard now == .passed || now == .failed && outcome == .error else { return }
        test?.outcome = outcome
        test?.message = attributes["message"] ?? ""
        takesText = true
    }

    /// Seconds with a decimal point; some tools write thousands with commas.
    private static func duration(_ text: String?) -> Duration {
        guard let seconds = text.flatMap({ Double($0.filter { $0 != "," }) }), seconds.isFinite, seconds >= 0,
            seconds < 1e9
        else { return .zero }
        return .seconds(seconds)
    }
}
