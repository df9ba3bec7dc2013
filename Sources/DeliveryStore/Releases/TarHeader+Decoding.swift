extension TarHeader {
    /// Reads one header block.
    /// - Returns: `nil` for a block of zeros, which ends an archive.
    /// - Throws: `.refused` for a wrong checksum and for entries that a release has not: devices, hard links, sparse
    ///   files.
    init?(block: [UInt8]) throws(StoreError) {
        if block.allSatisfy({ $0 == 0 }) { return nil }
        let sum = block.enumerated().reduce(Int64(0)) { sum, item in
            sum + Int64((148..<156).contains(item.offset) ? UInt8(ascii: " ") : item.element)
        }
        guard let recorded = Self.number(block[148..<156]), recorded == sum else {
            throw StoreError(.refused, "the tar has a header with a wrong checksum")
        }
        let name = try Self.text(block[0..<100])
        let prefix = block[257..<262].elementsEqual("ustar".utf8) ? try Self.text(block[345..<500]) : ""
        let path = prefix.isEmpty ? name : prefix + "/" + name
        let code = block[156] == 0 ? Kind.file.rawValue : block[156]
        guard let kind = Kind(rawValue: code) else {
            throw StoreError(
                .refused,
                "the tar entry '\(path)' is of type \(code); a release has only files, directories and symbolic links")
        }
        guard let size = Self.number(block[124..<136]), let mode = Self.number(block[100..<108]) else {
            throw StoreError(.refused, "the tar entry '\(path)' has a size or mode that is no octal number")
        }
        self.init(
            kind: kind, path: path, size: size, executable: mode & 0o100 != 0, target: try Self.text(block[157..<257]))
    }

    /// The pax records `path` and `linkpath`; others do not matter here, but `size` would, and is refused.
    static func records(_ bytes: [UInt8]) throws(StoreError) -> (path: String?, target: String?) {
        var (path, target): (String?, String?) = (nil, nil)
        var rest = bytes[...]
        while !rest.isEmpty {
            let digits = rest.prefix { (48...57).contains($0) }
            guard let length = Int(String(decoding: digits, as: UTF8.self)), length > digits.count + 1,
                length <= rest.count, rest[rest.startIndex + length - 1] == UInt8(ascii: "\n")
            else { throw StoreError(.refused, "the tar has a pax record of a wrong length") }
            let body = rest[(rest.startIndex + digits.count + 1)..<(rest.startIndex + length - 1)]
            rest = rest.dropFirst(length)
            guard let equals = body.firstIndex(of: UInt8(ascii: "=")) else {
                throw StoreError(.refused, "the tar has a pax record without '='")
            }
            switch String(decoding: body[..<equals], as: UTF8.self) {
            case "path": path = try text(body[(equals + 1)...])
            case "linkpath": target = try text(body[(equals + 1)...])
            case "size": throw StoreError(.refused, "the tar has a file of more than 8 GiB")
            default: break
            }
        }
        return (path, target)
    }

    private static func text(_ field: ArraySlice<UInt8>) throws(StoreError) -> String {
        guard let text = String(validating: field.prefix { $0 != 0 }, as: UTF8.self) else {
            throw StoreError(.refused, "the tar has a name that is not UTF-8")
        }
        return text
    }

    private static func number(_ field: ArraySlice<UInt8>) -> Int64? {
        let text = field.drop { $0 == 32 }.prefix { $0 != 0 && $0 != 32 }
        guard text.allSatisfy({ (48...55).contains($0) }) else { return nil }
        return text.isEmpty ? 0 : Int64(String(decoding: text, as: UTF8.self), radix: 8)
    }
}
