/// Reads the text of a regular expression.
struct RegularExpressionParser {
    let scalars: [Unicode.Scalar]
    var position = 0
    private var ignoresCase = false

    static let mostRepetitions = 1_000

    static func parse(_ text: String) throws(RegularExpressionFlaw) -> RegularExpressionNode {
        var parser = RegularExpressionParser(scalars: Array(text.unicodeScalars))
        let node = try parser.choice()
        guard parser.position == parser.scalars.count else { throw parser.flaw("')' without its '('") }
        return node
    }

    private init(scalars: [Unicode.Scalar]) { self.scalars = scalars }

    var next: Unicode.Scalar? { position < scalars.count ? scalars[position] : nil }

    mutating func take(_ scalar: Unicode.Scalar) -> Bool {
        guard next == scalar else { return false }
        position += 1
        return true
    }

    func flaw(_ text: String, at place: Int? = nil) -> RegularExpressionFlaw {
        RegularExpressionFlaw(at: place ?? position, text)
    }

    /// Up to the end or to a `)` that is not its own. What `(?i)` says ends with it.
    private mutating func choice() throws(RegularExpressionFlaw) -> RegularExpressionNode {
        let outer = ignoresCase
        defer { ignoresCase = outer }
        var options = [try sequence()]
        while take("|") { options.append(try sequence()) }
        return options.count == 1 ? options[0] : .choice(options)
    }

    private mutating func sequence() throws(RegularExpressionFlaw) -> RegularExpressionNode {
        var parts: [RegularExpressionNode] = []
        while let next, next != "|", next != ")" { parts.append(try quantified()) }
        return parts.isEmpty ? .empty : parts.count == 1 ? parts[0] : .sequence(parts)
    }

    private mutating func quantified() throws(RegularExpressionFlaw) -> RegularExpressionNode {
        let atom = try atom()
        guard let (least, most) = try quantifier() else { return atom }
        // Whether as few or as many as possible are taken first makes no difference to whether it is found.
        _ = take("?")
        if next == "+" { throw flaw("possessive quantifiers are not known; leave the '+' out") }
        if next == "*" || next == "?" { throw flaw("a quantifier behind a quantifier; put the first into (...)") }
        return .repeated(atom, least: least, most: most)
    }

    private mutating func quantifier() throws(RegularExpressionFlaw) -> (least: Int, most: Int?)? {
        if take("*") { return (0, nil) }
        if take("+") { return (1, nil) }
        if take("?") { return (0, 1) }
        let start = position
        guard take("{") else { return nil }
        let least = number()
        var most = least
        if take(",") { most = number() }
        guard take("}"), least != nil || most != nil else {
            throw flaw("neither a quantifier such as {2,5} nor '\\{'", at: start)
        }
        guard (least ?? 0) <= (most ?? .max), max(least ?? 0, most ?? 0) <= Self.mostRepetitions else {
            throw flaw("numbers that do not rise, or are above \(Self.mostRepetitions)", at: start)
        }
        return (least ?? 0, most)
    }

    /// - Returns: `nil` if there is no digit; at most five digits are read.
    private mutating func number() -> Int? {
        let start = position
        var value = 0
        while let digit = next.flatMap({ ("0"..."9").contains($0) ? Int($0.value) - 48 : nil }), position - start < 5 {
            value = value * 10 + digit
            position += 1
        }
        return position == start ? nil : value
    }

    private mutating func atom() throws(RegularExpressionFlaw) -> RegularExpressionNode {
        let start = position
        guard let scalar = next else { return .empty }
        position += 1
        switch scalar {
        case "(": return try group()
        case "[": return .one(of: try scalarClass())
        case ".": return .one(of: .allButLineFeed)
        case "^": return .border(.start)
        case "$": return .border(.end)
        case "\\": return try escape()
        case "*", "+", "?": throw flaw("nothing that can be repeated before '\(scalar)'", at: start)
        case "{": throw flaw("nothing that can be repeated before '{'; write '\\{' for the character", at: start)
        default: return .one(of: cased(ScalarSet(scalar.value...scalar.value)))
        }
    }

    func cased(_ set: ScalarSet) -> ScalarSet { ignoresCase ? set.ignoringCase : set }

    /// Behind `(`.
    private mutating func group() throws(RegularExpressionFlaw) -> RegularExpressionNode {
        let start = position - 1
        let outer = ignoresCase
        if take("?"), try option(start) { return .empty }
        let node = try choice()
        ignoresCase = outer
        guard take(")") else { throw flaw("'(' without its ')'", at: start) }
        return node
    }

    /// Behind `(?`.
    ///
    /// - Returns: whether the group is over: `(?i)` holds up to the end of the group that it stands in.
    private mutating func option(_ start: Int) throws(RegularExpressionFlaw) -> Bool {
        if take(":") { return false }
        let isOff = take("-")
        if take("i") {
            ignoresCase = !isOff
            if take(")") { return true }
            guard take(":") else { throw flaw("of the options only i is known", at: start) }
            return false
        }
        // A group's name says nothing here.
        _ = take("P")
        guard !isOff, take("<"), next != "=", next != "!" else {
            throw flaw("look-around, atomic groups and options but i are not known", at: start)
        }
        let first = position
        while let next, next == "_" || next.properties.isAlphabetic || ("0"..."9").contains(next) { position += 1 }
        guard position > first, take(">") else { throw flaw("the name of a group must be <letters>", at: start) }
        return false
    }

    /// Behind a backslash.
    private mutating func escape() throws(RegularExpressionFlaw) -> RegularExpressionNode {
        switch next {
        case "b": return border(.word)
        case "B": return border(.notWord)
        case "A": return border(.start)
        case "z": return border(.end)
        default: return .one(of: cased(try escapedSet()))
        }
    }

    private mutating func border(_ border: RegularExpressionBorder) -> RegularExpressionNode {
        position += 1
        return .border(border)
    }
}
