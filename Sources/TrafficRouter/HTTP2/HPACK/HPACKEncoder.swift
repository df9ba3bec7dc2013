/// Writes header blocks (RFC 7541) that need no memory on the other side.
///
/// Names and whole fields of the static table are referred to; everything else is written out, without the Huffman code
/// and never to be remembered. That costs about a hundred bytes on the wire for each answer, and saves the search in a
/// table for each field, as HAProxy does it too.
enum HPACKEncoder {
    /// Tells the decoder to forget what it remembers, as is due after it lowered its limit (section 4.2).
    static let emptyTable: UInt8 = 0x20

    /// - Parameter status: 100 to 999.
    static func writeStatus(_ status: Int, to block: inout [UInt8]) {
        let index: UInt8? =
            switch status {
            case 200: 8
            case 204: 9
            case 206: 10
            case 304: 11
            case 400: 12
            case 404: 13
            case 500: 14
            default: nil
            }
        if let index { return block.append(0x80 | index) }
        block.append(0x08)
        block.append(3)
        for digit in [status / 100, status / 10 % 10, status % 10] { block.append(Byte.zero + UInt8(digit)) }
    }

    /// A field whose name is that of the entry `index` of the static table.
    static func writeField(index: Int, value: Span<UInt8>, to block: inout [UInt8]) {
        writeInteger(index, prefix: 4, first: isSecret(index) ? 0x10 : 0, to: &block)
        writeString(value, to: &block)
    }

    /// - Parameter name: letters of any case, written as small ones.
    @inline(__always)
    static func writeField(name: Span<UInt8>, value: Span<UInt8>, to block: inout [UInt8]) {
        let index = HPACKNameIndex.standard.find(name)
        if index > 0 {
            writeInteger(index, prefix: 4, first: isSecret(index) ? 0x10 : 0, to: &block)
        } else {
            block.append(0)
            writeInteger(name.count, prefix: 7, first: 0, to: &block)
            for position in 0..<name.count { block.append(name[position].lowercased) }
        }
        writeString(value, to: &block)
    }

    /// Fields that nobody on the way may remember: a guess could be tried against the memory (section 7.1.3).
    @inline(__always)
    private static func isSecret(_ index: Int) -> Bool { index == 23 || index == 32 || index == 55 }

    private static func writeString(_ text: Span<UInt8>, to block: inout [UInt8]) {
        writeInteger(text.count, prefix: 7, first: 0, to: &block)
        text.withUnsafeBufferPointer { block.append(contentsOf: $0) }
    }

    /// - Parameter first: the bits before the prefix.
    @inline(__always)
    static func writeInteger(_ value: Int, prefix: Int, first: UInt8, to block: inout [UInt8]) {
        let most = (1 &<< prefix) &- 1
        if value < most { return block.append(first | UInt8(value)) }
        block.append(first | UInt8(most))
        var rest = value - most
        while rest >= 0x80 {
            block.append(UInt8(rest & 0x7F) | 0x80)
            rest &>>= 7
        }
        block.append(UInt8(rest))
    }
}

/// Finds names in the static table.
struct HPACKNameIndex {
    static let standard = HPACKNameIndex()

    /// Open addressing: the index of the first entry with a name, 0 where there is none.
    private var slots: [UInt8]
    private var names: [UInt8] = []
    private var starts: [Int] = [0, 0]

    private init() {
        slots = Array(repeating: 0, count: 256)
        for (name, _) in HPACKStaticTable.fields {
            names += Array(name.utf8)
            starts.append(names.count)
        }
        for (place, field) in HPACKStaticTable.fields.enumerated() {
            let name = Array(field.0.utf8)
            if find(name.span) > 0 { continue }
            var slot = Self.slot(name.span)
            while slots[slot] != 0 { slot = (slot + 1) & 255 }
            slots[slot] = UInt8(place + 1)
        }
    }

    @inline(__always)
    private static func slot(_ name: Span<UInt8>) -> Int {
        let last = name.count &- 1
        let mixed = name.count &* 37 &+ Int(name[0].lowercased) &* 11 &+ Int(name[last].lowercased) &* 5
        return (mixed &+ Int(name[last &>> 1].lowercased)) & 255
    }

    /// The entry with this name, letters of any case; 0 if there is none.
    @inline(__always)
    func find(_ name: Span<UInt8>) -> Int {
        guard name.count > 0 else { return 0 }
        var slot = Self.slot(name)
        while slots[slot] != 0 {
            let index = Int(slots[slot])
            if isEqual(name, index) { return index }
            slot = (slot &+ 1) & 255
        }
        return 0
    }

    @inline(__always)
    private func isEqual(_ name: Span<UInt8>, _ index: Int) -> Bool {
        let start = starts[index]
        guard starts[index + 1] - start == name.count else { return false }
        for position in 0..<name.count where names[start + position] != name[position].lowercased { return false }
        return true
    }
}
