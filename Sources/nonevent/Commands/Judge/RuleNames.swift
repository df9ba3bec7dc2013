import ArgumentParser
import DeliveryModel

/// Rules as `--rule` takes them.
enum RuleNames {
    static let all = JudgeRuleName.allCases.map(\.rawValue).joined(separator: ", ")

    /// - Throws: `ValidationError` that names all rules and, when it looks like a slip, the one that was meant.
    static func parse(_ text: String) throws -> JudgeRuleName {
        if let name = JudgeRuleName(rawValue: text) { return name }
        let names = JudgeRuleName.allCases.map(\.rawValue)
        let meant = EditDistance.nearest(to: text, among: names).map { "; did you mean '\($0)'?" } ?? ""
        throw ValidationError("there is no rule '\(TerminalText.harmless(text))'; rules: \(all)\(meant)")
    }
}
