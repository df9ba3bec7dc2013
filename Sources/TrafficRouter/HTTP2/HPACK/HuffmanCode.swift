/// The code that shortens texts in header blocks (RFC 7541, section 5.2 and appendix B).
///
/// The code is canonical: codes of one length are consecutive numbers in the order of their symbols, and all codes of a
/// length are smaller than those of a greater one. So the lengths are enough, and a code is found by comparing.
struct HuffmanCode {
    static let standard = HuffmanCode()

    /// By the next eight bits: symbol and length of a code of up to eight bits; length 0 for longer ones.
    private var short: [(symbol: UInt8, length: UInt8)]
    /// By length: one more than the largest code, as the upper bits of 32; 0 if no code has the length.
    private var limits: [UInt64]
    /// By length: what turns a code into its place in `symbols`.
    private var offsets: [Int]
    /// Ordered by code.
    private var symbols: [UInt16]

    private init() {
        let lengths = Self.lengths
        let order = (0..<lengths.count).sorted { (lengths[$0], $0) < (lengths[$1], $1) }
        short = Array(repeating: (0, 0), count: 256)
        limits = Array(repeating: 0, count: 31)
        offsets = Array(repeating: 0, count: 31)
        symbols = order.map(UInt16.init)
        var code = 0
        var last = Int(lengths[order[0]])
        for (place, symbol) in order.enumerated() {
            let length = Int(lengths[symbol])
            code <<= length - last
            last = length
            if limits[length] == 0 { offsets[length] = place - code }
            limits[length] = UInt64(code + 1) << UInt64(32 - length)
            if length <= 8 {
                let first = code << (8 - length)
                for index in first..<first + (1 << (8 - length)) { short[index] = (UInt8(symbol), UInt8(length)) }
            }
            code += 1
        }
    }

    /// Appends the text behind `input` to `list`.
    ///
    /// - Throws: for the end symbol within it, and for padding that is not up to seven bits of ones.
    func decode(_ input: Span<UInt8>, into list: inout HeaderList) throws(HTTP2Flaw) {
        // The next bits stand highest in `bits`.
        var bits: UInt64 = 0
        var count = 0
        var position = 0
        while true {
            while count <= 32, position < input.count {
                bits |= UInt64(input[position]) &<< UInt64(56 &- count)
                count &+= 8
                position &+= 1
            }
            if count == 0 { return }
            let entry = short[Int(bits &>> 56)]
            if entry.length > 0, Int(entry.length) <= count {
                list.append(entry.symbol)
                bits &<<= UInt64(entry.length)
                count &-= Int(entry.length)
                continue
            }
            // What is left may be the padding: the first bits of the end symbol, which are ones.
            if position == input.count, count < 8, bits == ~0 &<< UInt64(64 &- count) { return }
            let (symbol, length) = try long(bits &>> 32)
            guard length <= count, symbol < 256 else { throw HTTP2Flaw(.compressionError, .compression) }
            list.append(UInt8(symbol))
            bits &<<= UInt64(length)
            count &-= length
        }
    }

    private func long(_ word: UInt64) throws(HTTP2Flaw) -> (symbol: UInt16, length: Int) {
        var length = 5
        while length <= 30 {
            if word < limits[length] {
                return (symbols[Int(word &>> UInt64(32 &- length)) &+ offsets[length]], length)
            }
            length &+= 1
        }
        throw HTTP2Flaw(.compressionError, .compression)
    }

    /// Bits of each symbol's code; 256 is the end symbol.
    static let lengths: [UInt8] = [
        13, 23, 28, 28, 28, 28, 28, 28, 28, 24, 30, 28, 28, 30, 28, 28, 28, 28, 28, 28, 28, 28, 30, 28, 28, 28, 28,
        28, 28, 28, 28, 28, 6, 10, 10, 12, 13, 6, 8, 11, 10, 10, 8, 11, 8, 6, 6, 6, 5, 5, 5, 6, 6, 6, 6, 6, 6, 6, 7,
        8, 15, 6, 12, 10, 13, 6, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 8, 7, 8, 13, 19,
        13, 14, 6, 15, 5, 6, 5, 6, 5, 6, 6, 6, 5, 7, 7, 6, 6, 6, 5, 6, 7, 6, 5, 5, 6, 7, 7, 7, 7, 7, 15, 11, 14, 13,
        28, 20, 22, 20, 20, 22, 22, 22, 23, 22, 23, 23, 23, 23, 23, 24, 23, 24, 24, 22, 23, 24, 23, 23, 23, 23, 21,
        22, 23, 22, 23, 23, 24, 22, 21, 20, 22, 22, 23, 23, 21, 23, 22, 22, 24, 21, 22, 23, 23, 21, 21, 22, 21, 23,
        22, 23, 23, 20, 22, 22, 22, 23, 22, 22, 23, 26, 26, 20, 19, 22, 23, 22, 25, 26, 26, 26, 27, 27, 26, 24, 25,
        19, 21, 26, 27, 27, 26, 27, 24, 21, 21, 26, 26, 28, 27, 27, 27, 20, 24, 20, 21, 22, 21, 21, 23, 22, 22, 25,
        25, 24, 24, 26, 23, 26, 27, 26, 26, 27, 27, 27, 27, 27, 28, 27, 27, 27, 27, 27, 26, 30,
    ]
}
