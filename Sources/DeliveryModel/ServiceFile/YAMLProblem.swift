import Yams

/// Turns an error of the YAML library into a problem with a position.
enum YAMLProblem {
    /// Line and column, both from 1.
    private struct Place {
        var line: Int
        var column: Int
        init(line: Int, column: Int) { (self.line, self.column) = (line, column) }
        init(_ mark: Mark) { self.init(line: mark.line, column: mark.column) }
    }

    static func problem(_ error: YamlError, text: String, file: String) -> ServiceFileProblem {
        switch error {
        case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _):
            if line(mark.line, of: text).prefix(while: { $0 == " " || $0 == "\t" }).contains("\t") {
                return make(file, Place(mark), "a tab in the indentation", "spaces: YAML allows no tabs there")
            }
            return make(file, Place(mark), "not YAML: \(problem)", "YAML")
        case .composer(_, let problem, let mark, _):
            return problem.contains("another document")
                ? make(file, Place(mark), "a second document", "one document; remove the '---'")
                : make(file, Place(mark), "not YAML: \(problem)", "YAML")
        case .duplicatedKeysInMapping(let duplicates, let context):
            let name = duplicates.first ?? ""
            let place = secondUse(of: name, after: context.mark, in: text) ?? Place(context.mark)
            return ServiceFileProblem(
                kind: .duplicateKey, file: file, line: place.line, column: place.column, key: name,
                found: "appears twice (first in line \(context.mark.line))", expected: "each key once")
        case .reader(let problem, let offset, _, _):
            return make(file, position(offset ?? 0, in: text), "not YAML: \(problem)", "printable text")
        default:
            return make(file, Place(line: 1, column: 1), "not YAML: \(error)", "YAML")
        }
    }

    private static func make(_ file: String, _ place: Place, _ found: String, _ expected: String) -> ServiceFileProblem
    {
        ServiceFileProblem(
            kind: .file, file: file, line: max(1, place.line), column: max(1, place.column), key: "", found: found,
            expected: expected)
    }

    /// The YAML library says where a repeated key stands first; people look for the repetition, which in block style
    /// stands in the
    /// same column further down.
    private static func secondUse(of key: String, after first: Mark, in text: String) -> Place? {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        for number in (first.line + 1)..<max(first.line + 1, lines.count + 1) {
            let line = lines[number - 1]
            let indentation = line.prefix { $0 == " " }.count
            let content = line.dropFirst(indentation)
            guard !content.isEmpty, !content.hasPrefix("#") else { continue }
            if indentation + 1 < first.column { return nil }
            if indentation + 1 == first.column, content.hasPrefix(key),
                content.dropFirst(key.count).drop(while: { $0 == " " }).hasPrefix(":")
            {
                return Place(line: number, column: first.column)
            }
        }
        return nil
    }

    private static func line(_ number: Int, of text: String) -> Substring {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        return lines.indices.contains(number - 1) ? lines[number - 1] : ""
    }

    private static func position(_ characters: Int, in text: String) -> Place {
        let before = text.prefix(characters)
        let lines = before.split(separator: "\n", omittingEmptySubsequences: false)
        return Place(line: max(1, lines.count), column: (lines.last?.unicodeScalars.count ?? 0) + 1)
    }
}
