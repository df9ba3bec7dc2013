import DeliveryModel

extension MetricQuery {
    /// Puts the subject's texts in place of `{{release}}`, `{{commit}}` and `{{service}}`.
    ///
    /// - Parameter spelling: how a text is written there; as the inside of a PromQL string unless told otherwise.
    /// - Throws: for a `{{word}}` of another name, which PromQL would take for text and find nothing.
    static func filled(
        _ query: String, for subject: MetricSubject, spelling: (String) -> [UInt8] = escaped
    ) throws(MetricError) -> String {
        // In one pass: what is filled in is never looked at again.
        var result: [UInt8] = []
        var rest = Array(query.utf8)[...]
        while let byte = rest.first {
            guard byte == UInt8(ascii: "{"), let word = placeholder(rest) else {
                result.append(byte)
                rest.removeFirst()
                continue
            }
            switch word {
            // As instances get it in NONEVENT_RELEASE.
            case "release": result += spelling(subject.release.description)
            case "commit": result += spelling(subject.commit)
            case "service": result += spelling(subject.service.text)
            default:
                let known = placeholders.map { "{{\($0)}}" }.joined(separator: ", ")
                throw MetricError("unknown placeholder {{\(word)}} in \(query); expected one of \(known)")
            }
            rest.removeFirst(word.utf8.count + 4)
        }
        return String(decoding: result, as: UTF8.self)
    }

    /// The word between `{{` and `}}` at the start, letters only.
    private static func placeholder(_ text: ArraySlice<UInt8>) -> String? {
        guard text.starts(with: "{{".utf8) else { return nil }
        let word = text.dropFirst(2).prefix { byte in
            (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
        }
        guard !word.isEmpty, text[word.endIndex...].starts(with: "}}".utf8) else { return nil }
        return String(decoding: word, as: UTF8.self)
    }

    /// The text as the inside of a PromQL string: <https://prometheus.io/docs/prometheus/latest/querying/basics/>.
    ///
    /// Quotes become `\x..`, which unlike `\"` is good inside quotes of either kind.
    static func escaped(_ text: String) -> [UInt8] {
        text.utf8.flatMap { byte -> [UInt8] in
            switch byte {
            case UInt8(ascii: "\\"): Array(#"\\"#.utf8)
            case UInt8(ascii: "\n"): Array(#"\n"#.utf8)
            case UInt8(ascii: "\""): Array(#"\x22"#.utf8)
            case UInt8(ascii: "'"): Array(#"\x27"#.utf8)
            case UInt8(ascii: "`"): Array(#"\x60"#.utf8)
            default: [byte]
            }
        }
    }
}
