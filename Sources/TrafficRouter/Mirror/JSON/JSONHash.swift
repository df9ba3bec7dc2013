/// A 64-bit hash of values, for finding an array's elements again; what it finds is compared then.
struct JSONHash {
    private(set) var value: UInt64 = 0xcbf2_9ce4_8422_2325

    @inline(__always)
    mutating func mix(_ word: UInt64) {
        // The finaliser of SplitMix64.
        var mixed = (value ^ word) &+ 0x9e37_79b9_7f4a_7c15
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        value = mixed ^ (mixed >> 31)
    }

    mutating func mix(_ bytes: Span<UInt8>, _ range: Range<Int>) {
        mix(UInt64(range.count))
        var at = range.lowerBound
        let raw = bytes.bytes
        while at + 8 <= range.upperBound {
            mix(raw.unsafeLoadUnaligned(fromByteOffset: at, as: UInt64.self))
            at += 8
        }
        var rest: UInt64 = 0
        while at < range.upperBound {
            rest = rest << 8 | UInt64(bytes[at])
            at += 1
        }
        mix(rest)
    }
}

extension JSONHash {
    /// Hashes of all values of a document, by node; equal values, however they are written, have the same.
    static func ofAll(in document: JSONDocument) -> [UInt64] {
        var hashes = [UInt64](repeating: 0, count: document.nodes.count)
        // What is within a value comes after it.
        for index in document.nodes.indices.reversed() {
            var hash = JSONHash()
            hash.mix(UInt64(document.nodes[index].type.rawValue))
            switch document.nodes[index].type {
            case .array: hash.mixElements(of: index, in: document, hashes)
            case .object: hash.mixMembers(of: index, in: document, hashes)
            default: hash.mixScalar(index, in: document)
            }
            hashes[index] = hash.value
        }
        return hashes
    }

    private mutating func mixElements(of index: Int, in document: JSONDocument, _ hashes: [UInt64]) {
        var at = index + 1
        while at < Int(document.nodes[index].next) {
            if !document.isIgnored(at) { mix(hashes[at]) }
            at = Int(document.nodes[at].next)
        }
    }

    /// A sum, so that the order of the members does not matter.
    private mutating func mixMembers(of index: Int, in document: JSONDocument, _ hashes: [UInt64]) {
        var sum: UInt64 = 0
        var at = index + 1
        while at < Int(document.nodes[index].next) {
            let node = document.nodes[at]
            defer { at = Int(node.next) }
            guard !document.isIgnored(at) else { continue }
            var member = JSONHash()
            if node.nameHasEscapes {
                let name = document.name(of: at)
                member.mix(name.span, 0..<name.count)
            } else {
                member.mix(document.bytes.span, node.name)
            }
            member.mix(hashes[at])
            sum &+= member.value
        }
        mix(sum)
    }

    private mutating func mixScalar(_ index: Int, in document: JSONDocument) {
        let node = document.nodes[index]
        switch node.type {
        case .boolean: mix(UInt64(document.bytes[Int(node.start)]))
        case .number:
            if let number = JSONNumber(document.bytes.span, node.range) {
                number.hash(into: &self)
            } else {
                mix(document.bytes.span, node.range)
            }
        case .string where node.hasEscapes:
            let text = document.unescaped(document.content(of: index))
            mix(text.span, 0..<text.count)
        case .string: mix(document.bytes.span, document.content(of: index))
        default: break
        }
    }
}
