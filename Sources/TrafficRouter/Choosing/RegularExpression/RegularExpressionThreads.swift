/// The steps that a search stands at, all at once. Room for every step is made once.
struct RegularExpressionThreads {
    /// `take` steps before the scalar that comes next.
    private var now: [UInt16]
    private var nowCount = 0
    /// The same behind it.
    private var after: [UInt16]
    private var afterCount = 0
    /// By step: the last place at which it was reached, so that none is followed twice there.
    private var reached: [Int]
    /// Rises with each place of each search.
    private var place = 0
    private var stack: [UInt16]

    init(steps: Int) {
        now = Array(repeating: 0, count: steps)
        after = now
        reached = Array(repeating: 0, count: steps)
        // Each step that is reached takes one entry away and leaves at most two.
        stack = Array(repeating: 0, count: steps == 0 ? 0 : steps + 1)
    }

    /// - Parameter isWhole: the text ends where `text` does.
    mutating func search(_ program: RegularExpressionProgram, _ text: Span<UInt8>, isWhole: Bool) -> Bool {
        var position = 0
        if begin(program, text, position, isWhole) { return true }
        while position < text.count {
            if nowCount == 0 {
                if program.isAnchored { return false }
                if !program.canBeEmpty {
                    while !program.mayBegin(with: text[position]) {
                        position &+= 1
                        if position == text.count { return false }
                    }
                    if begin(program, text, position, isWhole) { return true }
                }
            }
            let (scalar, length) = text.scalar(at: position)
            position &+= length
            place &+= 1
            afterCount = 0
            for index in 0..<nowCount {
                let step = program.steps[Int(now[index])]
                guard program.takes(step, scalar), reached[Int(step.next)] != place else { continue }
                if reach(step.next, program, text, position, isWhole) { return true }
            }
            if !program.isAnchored,
                program.canBeEmpty || position < text.count && program.mayBegin(with: text[position]),
                reach(program.start, program, text, position, isWhole)
            {
                return true
            }
            swap(&now, &after)
            nowCount = afterCount
        }
        return false
    }

    /// Begins anew before the byte at `position`.
    ///
    /// - Returns: whether the expression is found there without taking anything.
    private mutating func begin(
        _ program: RegularExpressionProgram, _ text: Span<UInt8>, _ position: Int, _ isWhole: Bool
    ) -> Bool {
        place &+= 1
        afterCount = 0
        let isFound = reach(program.start, program, text, position, isWhole)
        swap(&now, &after)
        nowCount = afterCount
        return isFound
    }

    /// Follows the step `start` and those that need no scalar, up to steps that do.
    ///
    /// - Returns: whether one of them says that the expression is found.
    private mutating func reach(
        _ start: UInt16, _ program: RegularExpressionProgram, _ text: Span<UInt8>, _ position: Int, _ isWhole: Bool
    ) -> Bool {
        stack[0] = start
        var depth = 1
        while depth > 0 {
            depth &-= 1
            let index = stack[depth]
            guard reached[Int(index)] != place else { continue }
            reached[Int(index)] = place
            let step = program.steps[Int(index)]
            switch step.kind {
            case .found: return true
            case .take:
                after[afterCount] = index
                afterCount &+= 1
            case .fork:
                stack[depth] = step.other
                stack[depth &+ 1] = step.next
                depth &+= 2
            case .border:
                guard step.border.isThere(text, position, isWhole: isWhole) else { continue }
                stack[depth] = step.next
                depth &+= 1
            }
        }
        return false
    }
}

extension RegularExpressionBorder {
    /// Whether it is before the byte at `position`. What comes behind a text that goes on is not known, so that no
    /// border is there.
    fileprivate func isThere(_ text: Span<UInt8>, _ position: Int, isWhole: Bool) -> Bool {
        if self == .start { return position == 0 }
        if position == text.count, !isWhole { return false }
        if self == .end { return position == text.count }
        let isBehindWord = position > 0 && text[position &- 1].isWord
        let isBeforeWord = position < text.count && text[position].isWord
        return (isBehindWord != isBeforeWord) == (self == .word)
    }
}

extension UInt8 {
    /// A letter, digit or `_` of ASCII.
    fileprivate var isWord: Bool {
        switch self {
        case 0x30...0x39, 0x41...0x5A, 0x5F, 0x61...0x7A: true
        default: false
        }
    }
}

extension Span<UInt8> {
    /// The scalar whose UTF-8 begins at `position`, and its bytes; U+FFFD and 1 where none does.
    @inline(__always)
    fileprivate func scalar(at position: Int) -> (scalar: UInt32, length: Int) {
        let first = self[position]
        return first < 0x80 ? (UInt32(first), 1) : wideScalar(at: position)
    }

    private func wideScalar(at position: Int) -> (scalar: UInt32, length: Int) {
        let first = self[position]
        let length = first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4
        guard first >= 0xC2, first < 0xF5, length <= count - position else { return (0xFFFD, 1) }
        var value = UInt32(first) & (0xFF &>> UInt32(length + 1))
        for offset in 1..<length {
            let byte = self[position + offset]
            guard byte & 0xC0 == 0x80 else { return (0xFFFD, 1) }
            value = value << 6 | UInt32(byte & 0x3F)
        }
        // Longer than need be, half of a UTF-16 pair, or beyond the last scalar.
        let isSound = value >= (length == 2 ? 0x80 : length == 3 ? 0x800 : 0x1_0000) && Unicode.Scalar(value) != nil
        return isSound ? (value, length) : (0xFFFD, 1)
    }
}
