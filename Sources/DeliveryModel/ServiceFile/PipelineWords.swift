/// What is wrong with texts under `pipeline` and `deploy`, in words for people.
enum PipelineWords {
    /// What git-check-ref-format(1) allows of a branch, as a regular expression.
    static let branchPattern =
        "^(?![/.-])(?!.*(\\.\\.|//|/\\.|@\\{|\\.lock(/|$)))(?!.*[/.]$)(?!@$)(?!refs/heads/)"
        + "[^\\u0000-\\u0020\\u007f~^:?*\\[\\\\]{1,200}$"

    /// - Returns: `nil` when `text` is right.
    static func complaint(about text: String, as form: ServiceFileValue.TextForm) -> ServiceFileComplaint? {
        switch form {
        case .label: return isLabel(text) ? nil : refusal(text, form, label(text))
        case .script:
            let isRight = !text.allSatisfy(\.isWhitespace) && !text.utf8.contains(0)
            return isRight ? nil : refusal(text, form)
        case .stageVariable:
            let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let name = parts.first.map(String.init) ?? ""
            if name.hasPrefix("NONEVENT_") { return reserved(text) }
            guard ServiceFileCheck.isVariableName(name), !text.utf8.contains(0) else {
                let plain = text.replacing(" = ", with: "=").replacing(": ", with: "=")
                return refusal(text, form, plain == text ? nil : plain)
            }
            return nil
        case .secretName:
            if text.hasPrefix("NONEVENT_") { return reserved(text) }
            return ServiceFileCheck.isVariableName(text) && text.utf8.count <= 127 ? nil : refusal(text, form)
        case .glob: return ServiceFileCheck.isInside(text) ? nil : refusal(text, form)
        case .branch:
            let plain = text.hasPrefix("refs/heads/") ? String(text.dropFirst(11)) : nil
            return isBranch(text) ? nil : refusal(text, form, plain.flatMap { isBranch($0) ? $0 : nil })
        case .freezeMoment: return FreezeMoment(text) == nil ? refusal(text, form, moment(text)) : nil
        case .zone:
            return ZoneNames.known.contains(text)
                ? nil : refusal(text, form, EditDistance.nearest(to: text, among: ZoneNames.all))
        case .reason:
            let isRight =
                (1...200).contains(text.utf8.count)
                && text.unicodeScalars.allSatisfy { $0.value > 31 && $0.value != 127 }
            return isRight ? nil : refusal(text, form)
        default: return nil
        }
    }

    static func isLabel(_ text: String) -> Bool {
        guard (1...63).contains(text.utf8.count), let first = text.unicodeScalars.first, isLetterOrDigit(first)
        else { return false }
        return text.unicodeScalars.allSatisfy { isLetterOrDigit($0) || $0 == "." || $0 == "_" || $0 == "-" }
    }

    private static func label(_ text: String) -> String? {
        let plain = String(text.map { $0.isWhitespace || $0 == "/" || $0 == ":" ? "-" : $0 })
        return isLabel(plain) ? plain : nil
    }

    static func isBranch(_ text: String) -> Bool {
        guard (1...200).contains(text.unicodeScalars.count), text != "@", !text.hasPrefix("refs/heads/") else {
            return false
        }
        let forbidden: Set<Unicode.Scalar> = ["~", "^", ":", "?", "*", "[", "\\"]
        guard text.unicodeScalars.allSatisfy({ $0.value > 32 && $0.value != 127 && !forbidden.contains($0) }) else {
            return false
        }
        guard !text.hasPrefix("-"), !text.contains(".."), !text.contains("@{"), !text.hasSuffix(".") else {
            return false
        }
        return text.split(separator: "/", omittingEmptySubsequences: false).allSatisfy {
            !$0.isEmpty && !$0.hasPrefix(".") && !$0.hasSuffix(".lock")
        }
    }

    /// `friday 16:00` and `Fri 16` as they are probably meant.
    private static func moment(_ text: String) -> String? {
        let words = text.split(whereSeparator: { $0.isWhitespace || $0 == "T" })
        guard let first = words.first else { return nil }
        let day = first.first?.isLetter == true ? first.prefix(3).capitalized : String(first)
        let clock = words.count > 1 ? String(words[1]) : "00:00"
        return [clock, clock + ":00", "0" + clock].map { "\(day) \($0)" }.first { FreezeMoment($0) != nil }
    }

    private static func reserved(_ text: String) -> ServiceFileComplaint {
        ServiceFileComplaint(shown(text), expected: "no NONEVENT_*: Nonevent gives these itself")
    }

    private static func refusal(
        _ text: String, _ form: ServiceFileValue.TextForm, _ suggestion: String? = nil
    ) -> ServiceFileComplaint {
        ServiceFileComplaint(shown(text), expected: form.expectation, suggestion: suggestion)
    }

    private static func shown(_ text: String) -> String {
        text.isEmpty ? "empty text" : text.count > 60 ? "'\(text.prefix(60))...'" : "'\(text)'"
    }

    private static func isLetterOrDigit(_ scalar: Unicode.Scalar) -> Bool {
        ("a"..."z").contains(scalar) || ("A"..."Z").contains(scalar) || ("0"..."9").contains(scalar)
    }
}

extension Substring {
    /// First letter large, the others small.
    fileprivate var capitalized: String { prefix(1).uppercased() + dropFirst().lowercased() }
}
