extension RegularExpressionParser {
    /// Behind `[`, up to and with its `]`.
    mutating func scalarClass() throws(RegularExpressionFlaw) -> ScalarSet {
        let start = position - 1
        let isInverted = take("^")
        var set = ScalarSet()
        var isFirst = true
        while let scalar = next {
            if scalar == "]", !isFirst {
                position += 1
                let set = cased(set)
                return isInverted ? set.inverted : set
            }
            isFirst = false
            set.formUnion(try element())
        }
        throw flaw("'[' without its ']'", at: start)
    }

    /// One scalar, a range, or a class in a class.
    private mutating func element() throws(RegularExpressionFlaw) -> ScalarSet {
        let start = position
        if let known = try posixClass() { return known }
        guard let first = try single() else { return try escapedSet() }
        guard next == "-", position + 1 < scalars.count, scalars[position + 1] != "]" else {
            return ScalarSet(first.value...first.value)
        }
        position += 1
        guard let last = try single(), first <= last else {
            throw flaw("a range in [...] must be of two characters in rising order", at: start)
        }
        return ScalarSet(first.value...last.value)
    }

    /// - Returns: `nil`, with the position behind the backslash, for an escape that stands for several scalars.
    private mutating func single() throws(RegularExpressionFlaw) -> Unicode.Scalar? {
        guard let scalar = next else { throw flaw("'[' without its ']'") }
        position += 1
        if scalar == "\\" { return try escapedScalar() }
        if scalar == "[" { throw flaw("a '[' in [...]; write '\\['", at: position - 1) }
        // Some dialects intersect and subtract classes so.
        if scalar == next, "&-~".unicodeScalars.contains(scalar) {
            throw flaw("'\(scalar)\(scalar)' in [...]; write the character once", at: position - 1)
        }
        return scalar
    }

    private mutating func posixClass() throws(RegularExpressionFlaw) -> ScalarSet? {
        guard next == "[", position + 1 < scalars.count, scalars[position + 1] == ":" else { return nil }
        let start = position
        position += 2
        let isInverted = take("^")
        var name = ""
        while let letter = next, ("a"..."z").contains(letter) {
            name.unicodeScalars.append(letter)
            position += 1
        }
        guard take(":"), take("]"), let set = ScalarSet.posix(name) else {
            throw flaw("no class such as [:alpha:] or [:digit:]", at: start)
        }
        return isInverted ? set.inverted : set
    }

    /// Behind a backslash: a set of one scalar or of several.
    mutating func escapedSet() throws(RegularExpressionFlaw) -> ScalarSet {
        if let scalar = try escapedScalar() { return ScalarSet(scalar.value...scalar.value) }
        guard let letter = next else { throw flaw("nothing behind the last '\\'", at: position - 1) }
        position += 1
        switch letter {
        case "d": return .digit
        case "D": return ScalarSet.digit.inverted
        case "w": return .word
        case "W": return ScalarSet.word.inverted
        case "s": return .space
        case "S": return ScalarSet.space.inverted
        default: throw flaw("'\\\(letter)' is not known", at: position - 2)
        }
    }

    /// Behind a backslash.
    ///
    /// - Returns: `nil`, and nothing is read, when there is no escape for a single scalar.
    private mutating func escapedScalar() throws(RegularExpressionFlaw) -> Unicode.Scalar? {
        guard let letter = next else { return nil }
        let plain: Unicode.Scalar?
        switch letter {
        case "n": plain = "\n"
        case "r": plain = "\r"
        case "t": plain = "\t"
        case "f": plain = "\u{0C}"
        case "v": plain = "\u{0B}"
        case "x", "u":
            position += 1
            return try scalar(digits: letter == "x" ? 2 : 4)
        default:
            let isMark = letter.isASCII && !letter.properties.isAlphabetic && !("0"..."9").contains(letter)
            plain = isMark ? letter : nil
        }
        if plain != nil { position += 1 }
        return plain
    }

    /// Hexadecimal digits, that many or in braces.
    private mutating func scalar(digits: Int) throws(RegularExpressionFlaw) -> Unicode.Scalar {
        let start = position - 2
        let isBraced = take("{")
        var value: UInt32 = 0
        var count = 0
        while count < (isBraced ? 6 : digits), let digit = next?.hexValue {
            value = value << 4 | digit
            count += 1
            position += 1
        }
        guard isBraced ? count > 0 && take("}") : count == digits, let scalar = Unicode.Scalar(value) else {
            throw flaw("no character of that number; write \\x2F, \\u002F or \\u{2F}", at: start)
        }
        return scalar
    }
}

extension Unicode.Scalar {
    /// 0 to 15, or `nil` if this is no hexadecimal digit of ASCII.
    fileprivate var hexValue: UInt32? {
        switch self {
        case "0"..."9": value - 0x30
        case "A"..."F": value - 0x37
        case "a"..."f": value - 0x57
        default: nil
        }
    }
}
