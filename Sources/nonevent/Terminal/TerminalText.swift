import DeliveryModel
import FoundationEssentials

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// How to write for whoever reads standard output: colour and redrawing only on a terminal.
struct TerminalText {
    var isTerminal: Bool
    var hasColour: Bool

    /// Colour needs a terminal, no `NO_COLOR` (no-color.org: set and not empty) and a `TERM` other than `dumb`.
    static var current: TerminalText {
        let environment = ProcessInfo.processInfo.environment
        let isTerminal = isatty(STDOUT_FILENO) == 1
        let noColour = environment["NO_COLOR"].map { !$0.isEmpty } ?? false
        return TerminalText(
            isTerminal: isTerminal, hasColour: isTerminal && !noColour && environment["TERM"] != "dumb")
    }

    enum Style: String {
        case bold = "1"
        case dim = "2"
        case red = "31"
        case green = "32"
        case yellow = "33"
        case blue = "34"
    }

    func paint(_ text: String, _ style: Style) -> String {
        hasColour && !text.isEmpty ? "\u{1B}[\(style.rawValue)m\(text)\u{1B}[0m" : text
    }

    /// Moves to the upper left corner and clears what is below: less flicker than clearing first.
    static let redraw = "\u{1B}[H\u{1B}[J"

    /// Twenty cells, at least one of them full for any share above 0.
    static func bar(_ share: Share) -> String { bar(filled: share.fraction) }

    /// Twenty cells for a part from 0 to 1, at least one of them full above 0; what lies outside is cut off.
    static func bar(filled part: Double) -> String {
        let cells = 20
        let full = part > 0 ? max(1, Int(min(1, part) * Double(cells))) : 0
        return String(repeating: "█", count: full) + String(repeating: "░", count: cells - full)
    }

    /// `0.4 s`, `12 ms`, `3 min`: two digits are enough for a person.
    static func duration(seconds: Double) -> String {
        switch seconds {
        case ..<0.0995: "\(Int((seconds * 1000).rounded())) ms"
        case ..<9.95: "\((seconds * 10).rounded() / 10) s"
        default: NumberText.duration(seconds)
        }
    }

    /// A commit as people say it: the first 12 characters of a hash, anything else whole.
    static func commit(_ text: String) -> String {
        let parts = text.split(separator: "-", maxSplits: 1)
        guard let hash = parts.first, hash.count >= 40, hash.allSatisfy(\.isHexDigit) else { return text }
        return hash.prefix(12) + (parts.count > 1 ? "-" + parts[1] : "")
    }

    /// The same, harmless.
    static func shownCommit(_ text: String) -> String { harmless(commit(text)) }

    /// `text` without control characters: output of other programs and names from files must not steer the terminal.
    static func harmless(_ text: String) -> String {
        String(
            text.unicodeScalars.map {
                $0.value < 32 && $0 != "\t" || $0.value == 127 || (128..<160).contains($0.value) ? "?" : Character($0)
            })
    }
}
