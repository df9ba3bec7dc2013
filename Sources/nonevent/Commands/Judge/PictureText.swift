/// Text for an SVG picture.
enum PictureText {
    /// `text` as XML's character data or attribute: markup escaped, characters that XML forbids replaced.
    static func escaped(_ text: String) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\"": result += "&quot;"
            case "\u{20}"..."\u{7E}", "\u{A0}"..."\u{FFFD}", "\u{10000}"..."\u{10FFFF}":
                result.unicodeScalars.append(scalar)
            default: result += "?"
            }
        }
        return result
    }

    /// Lines of at most `width` characters, broken between words; what does not fit into `lines` ends in an ellipsis.
    static func wrapped(_ text: String, width: Int, lines: Int) -> [String] {
        var result = [""]
        for word in text.split(separator: " ") {
            let line = result[result.count - 1]
            if line.isEmpty {
                result[result.count - 1] = String(word.prefix(width))
            } else if line.count + 1 + word.count <= width {
                result[result.count - 1] += " " + word
            } else {
                result.append(String(word.prefix(width)))
            }
        }
        guard result.count > lines else { return result }
        return result.prefix(lines - 1) + [String(result[lines - 1].prefix(width - 2)) + " …"]
    }

    /// A coordinate with one decimal, which is enough for the eye and keeps the file small.
    static func number(_ value: Double) -> String {
        let tenths = Int((min(1e6, max(-1e6, value)) * 10).rounded())
        return tenths.isMultiple(of: 10) ? "\(tenths / 10)" : "\(Double(tenths) / 10)"
    }
}
