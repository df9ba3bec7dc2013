/// One mistake in a service file: where it is, what was found, what was expected, and what to write instead.
public struct ServiceFileProblem: Sendable, Equatable, Codable {
    /// Which sort of mistake it is; decides the wording of ``description``.
    public enum Kind: String, Sendable, Codable, CaseIterable {
        /// The file as a whole cannot be read: its bytes, its size, its YAML.
        case file
        case unknownKey, duplicateKey, missingKey
        /// A value of the wrong type or out of range.
        case value
    }

    public var kind: Kind
    /// Name of the file as the caller gave it.
    public var file: String
    /// From 1.
    public var line: Int
    /// From 1, in Unicode scalars.
    public var column: Int
    /// Dotted path such as `run.instances` or `rollout.steps[2]`; empty for the whole file.
    public var key: String
    public var found: String
    public var expected: String
    /// What the author probably meant: the nearest key, or the value written correctly.
    public var suggestion: String?

    public init(
        kind: Kind = .value, file: String, line: Int, column: Int, key: String, found: String, expected: String,
        suggestion: String? = nil
    ) {
        self.kind = kind
        self.file = file
        self.line = line
        self.column = column
        self.key = key
        self.found = found
        self.expected = expected
        self.suggestion = suggestion
    }
}

extension ServiceFileProblem: CustomStringConvertible {
    /// One line: `nonevent.yaml:3:5: unknown key 'comand' in run; allowed: command, instances; did you mean 'command'?`
    public var description: String {
        "\(file):\(line):\(column): \(message)"
    }

    /// ``description`` without the position.
    public var message: String {
        let parts = key.split(separator: ".", omittingEmptySubsequences: true)
        let name = parts.last.map(String.init) ?? ""
        let parent = parts.count > 1 ? "in " + parts.dropLast().joined(separator: ".") : "at the top of the file"
        let text =
            switch kind {
            case .file: "\(found); expected \(expected)"
            case .unknownKey: "unknown key '\(name)' \(parent); allowed: \(expected)"
            case .duplicateKey: "key '\(name)' \(found); expected \(expected)"
            case .missingKey: "missing key '\(name)' \(parent); expected \(expected)"
            case .value: "\(key.isEmpty ? "the file" : key) is \(found); expected \(expected)"
            }
        guard let suggestion else { return text }
        return kind == .unknownKey ? "\(text); did you mean '\(suggestion)'?" : "\(text); write \(suggestion)"
    }
}

/// Everything that is wrong with a service file, in the order of the lines. Never empty.
public struct ServiceFileError: Error, Sendable, Equatable, CustomStringConvertible {
    public let problems: [ServiceFileProblem]

    public init(problems: [ServiceFileProblem]) {
        self.problems = problems.enumerated().sorted { left, right in
            (left.element.line, left.element.column, left.offset)
                < (right.element.line, right.element.column, right.offset)
        }.map(\.element)
    }

    /// One problem a line.
    public var description: String { problems.map(\.description).joined(separator: "\n") }
}
