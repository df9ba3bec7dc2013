/// One entry of a tar archive: POSIX ustar (IEEE Std 1003.1, pax), with a pax record for what does not fit.
struct TarHeader: Equatable {
    enum Kind: UInt8 {
        case file = 0x30
        case link = 0x32
        case directory = 0x35
        case records = 0x78
    }

    static let block = 512
    private static let nameBytes = 100

    var kind: Kind
    /// Relative to the archive's root, without a slash at the end.
    var path: String
    var size: Int64 = 0
    var executable = false
    var target = ""

    /// The blocks before the content. Everything that could differ between two machines has a fixed value.
    func encoded(modified: Int64) -> [UInt8] {
        let name = Array(path.utf8) + (kind == .directory ? [UInt8(ascii: "/")] : [])
        let link = Array(target.utf8)
        var records: [UInt8] = []
        if name.count > Self.nameBytes { records += Self.record("path", name) }
        if link.count > Self.nameBytes { records += Self.record("linkpath", link) }
        var blocks: [UInt8] = []
        if !records.isEmpty {
            blocks += Self.ustar(
                .records, name: Array("pax".utf8), link: [], mode: 0o644, size: Int64(records.count), modified)
            blocks += records + Self.padding(Int64(records.count))
        }
        let mode = kind == .directory || kind == .link || executable ? 0o755 : 0o644
        return blocks + Self.ustar(kind, name: name, link: link, mode: mode, size: size, modified)
    }

    /// Zeros up to the next block.
    static func padding(_ size: Int64) -> [UInt8] {
        [UInt8](repeating: 0, count: (block - Int(size % Int64(block))) % block)
    }

    /// `length key=value\n`, where the length counts itself.
    private static func record(_ key: String, _ value: [UInt8]) -> [UInt8] {
        let rest = [UInt8(ascii: " ")] + Array(key.utf8) + [UInt8(ascii: "=")] + value + [UInt8(ascii: "\n")]
        var length = rest.count
        while String(length).utf8.count + rest.count != length { length = String(length).utf8.count + rest.count }
        return Array(String(length).utf8) + rest
    }

    private static func ustar(
        _ kind: Kind, name: [UInt8], link: [UInt8], mode: Int, size: Int64, _ modified: Int64
    ) -> [UInt8] {
        var block = [UInt8](repeating: 0, count: block)
        func put(_ bytes: some Sequence<UInt8>, at start: Int) {
            for (offset, byte) in bytes.enumerated() { block[start + offset] = byte }
        }
        func octal(_ value: Int64, digits: Int) -> [UInt8] {
            let text = String(value, radix: 8)
            return Array((String(repeating: "0", count: max(0, digits - text.utf8.count)) + text).utf8)
        }
        put(name.prefix(nameBytes), at: 0)
        put(octal(Int64(mode), digits: 7), at: 100)
        put(octal(0, digits: 7), at: 108)
        put(octal(0, digits: 7), at: 116)
        put(octal(size, digits: 11), at: 124)
        put(octal(modified, digits: 11), at: 136)
        put(repeatElement(UInt8(ascii: " "), count: 8), at: 148)
        put([kind.rawValue], at: 156)
        put(link.prefix(nameBytes), at: 157)
        put("ustar\u{0}00".utf8, at: 257)
        let sum = block.reduce(Int64(0)) { $0 + Int64($1) }
        put(octal(sum, digits: 6) + [0, UInt8(ascii: " ")], at: 148)
        return block
    }
}
