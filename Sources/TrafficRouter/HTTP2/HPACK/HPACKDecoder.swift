/// Turns header blocks into fields (RFC 7541). One for each direction of a connection: it remembers fields.
struct HPACKDecoder {
    private var table: HPACKDynamicTable

    /// - Parameter tableBytes: as told to the other side in SETTINGS_HEADER_TABLE_SIZE.
    init(tableBytes: Int) { table = HPACKDynamicTable(limit: tableBytes) }

    /// Appends the fields of a whole block to `list`.
    ///
    /// A block is read to its end even if `list` has no room for its fields, since later blocks refer to them.
    ///
    /// - Throws: after which the connection cannot go on: both sides remember different fields.
    mutating func decode(_ block: Span<UInt8>, into list: inout HeaderList) throws(HTTP2Flaw) {
        var position = 0
        var hasField = false
        while position < block.count {
            let first = block[position]
            let start = list.bytes.count
            if first & 0x80 != 0 {
                let index = try Self.integer(block, &position, prefix: 7)
                let nameLength = try copy(index, nameOnly: false, to: &list)
                list.endField(start: start, nameEnd: start + nameLength)
            } else if first & 0xE0 == 0x20 {
                // The compressor changes the size of its memory; only before the first field (section 4.2).
                let capacity = try Self.integer(block, &position, prefix: 5)
                guard capacity <= table.limit, !hasField else { throw Self.flaw }
                table.setCapacity(capacity)
                continue
            } else {
                let isRemembered = first & 0x40 != 0
                let index = try Self.integer(block, &position, prefix: isRemembered ? 6 : 4)
                if index > 0 {
                    _ = try copy(index, nameOnly: true, to: &list)
                } else {
                    try Self.string(block, &position, into: &list)
                }
                let nameEnd = list.bytes.count
                try Self.string(block, &position, into: &list)
                if isRemembered {
                    table.insert(
                        list.bytes.span.extracting(start..<list.bytes.count), nameLength: nameEnd - start)
                }
                list.endField(start: start, nameEnd: nameEnd)
            }
            hasField = true
        }
    }

    private static var flaw: HTTP2Flaw { HTTP2Flaw(.compressionError, .compression) }

    /// - Returns: the length of the name.
    @inline(__always)
    private func copy(_ index: Int, nameOnly: Bool, to list: inout HeaderList) throws(HTTP2Flaw) -> Int {
        if index > 0, index <= HPACKStaticTable.count {
            return HPACKStaticTable.copy(index, nameOnly: nameOnly, to: &list)
        }
        let (length, found) = table.copy(index - HPACKStaticTable.count - 1, nameOnly: nameOnly, to: &list)
        guard found else { throw Self.flaw }
        return length
    }

    /// An integer whose first bits stand in the low `prefix` bits of a byte (section 5.1); at most 2^28.
    @inline(__always)
    static func integer(_ block: Span<UInt8>, _ position: inout Int, prefix: Int) throws(HTTP2Flaw) -> Int {
        let most = (1 &<< prefix) &- 1
        var value = Int(block[position]) & most
        position &+= 1
        guard value == most else { return value }
        var shift = 0
        while position < block.count, shift <= 21 {
            let byte = block[position]
            position &+= 1
            value &+= Int(byte & 0x7F) &<< shift
            if byte & 0x80 == 0 { return value }
            shift &+= 7
        }
        throw flaw
    }

    /// A text, plain or by the Huffman code (section 5.2).
    @inline(__always)
    private static func string(
        _ block: Span<UInt8>, _ position: inout Int, into list: inout HeaderList
    ) throws(HTTP2Flaw) {
        guard position < block.count else { throw flaw }
        let isCoded = block[position] & 0x80 != 0
        let length = try integer(block, &position, prefix: 7)
        guard length <= block.count - position else { throw flaw }
        let text = block.extracting(position..<position + length)
        position += length
        if isCoded { try HuffmanCode.standard.decode(text, into: &list) } else { list.append(text) }
    }
}
