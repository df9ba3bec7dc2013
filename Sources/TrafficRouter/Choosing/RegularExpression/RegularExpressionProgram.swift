/// A regular expression as steps that a search follows.
struct RegularExpressionProgram {
    enum Kind: UInt8 {
        /// Takes one scalar of the set and goes on at `next`.
        case take
        /// Goes on at `next` and at `other`.
        case fork
        /// Goes on at `next` if the border is there.
        case border
        case found
    }

    struct Step {
        let kind: Kind
        var border = RegularExpressionBorder.start
        var next: UInt16 = 0
        var other: UInt16 = 0
        /// Of `take`: scalars 0 to 63 and 64 to 127, as in `ScalarSet`.
        var low: UInt64 = 0
        var high: UInt64 = 0
        /// Of `take`: the other scalars, positions in `wide`.
        var wide: Range<Int32> = 0..<0
    }

    var steps: [Step] = []
    var wide: [ClosedRange<UInt32>] = []
    var start: UInt16 = 0
    /// Nothing can be found that does not begin at the text's start.
    var isAnchored = false
    /// Something may be found without taking a scalar.
    var canBeEmpty = false
    /// The scalars of ASCII with which something that is found may begin, unless it is empty: 0 to 63, and 64 to 127.
    var firstLow: UInt64 = 0
    var firstHigh: UInt64 = 0

    /// Whether a search may have to begin before `byte`.
    @inline(__always)
    func mayBegin(with byte: UInt8) -> Bool {
        byte >= 0x80 || (byte < 64 ? firstLow : firstHigh) &>> UInt64(byte & 63) & 1 != 0
    }

    /// Whether a `take` takes `scalar`.
    @inline(__always)
    func takes(_ step: Step, _ scalar: UInt32) -> Bool {
        if scalar < 0x80 { return (scalar < 64 ? step.low : step.high) &>> UInt64(scalar & 63) & 1 != 0 }
        for index in step.wide where wide[Int(index)].contains(scalar) { return true }
        return false
    }
}
