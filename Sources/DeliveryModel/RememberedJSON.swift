public import FoundationEssentials

/// Writes lists in JSON of which little changes between one time and the next: an element that is as it was is not
/// written again, since to compare it costs far less.
public struct RememberedJSON<Key: Hashable & Sendable, Element: Equatable & Sendable>: Sendable {
    private var known: [Key: (element: Element, text: [UInt8])] = [:]
    /// Bytes of the last array.
    private var size = 0

    public init() {}

    /// Puts the elements as a JSON array behind what is there: the same bytes as those of ``JSONEncoder/canonical``.
    /// - Parameters:
    ///   - key: tells the elements apart.
    ///   - value: what is written of an element; equal elements have equal values.
    public mutating func append(
        _ elements: [Element], to text: inout [UInt8], key: (Element) -> Key, value: (Element) -> some Encodable
    ) throws {
        let start = text.count
        // With room for what has grown a little: texts of hundreds of kilobytes are not to be copied again and again.
        if text.capacity < start + size + 1_024 { text.reserveCapacity(start + size + size / 16 + 1_024) }
        text.append(UInt8(ascii: "["))
        for (place, element) in elements.enumerated() {
            if place > 0 { text.append(UInt8(ascii: ",")) }
            let key = key(element)
            if let found = known[key], found.element == element {
                text += found.text
            } else {
                let written = Array(try JSONEncoder.canonical.encode(value(element)))
                known[key] = (element, written)
                text += written
            }
        }
        text.append(UInt8(ascii: "]"))
        if known.count > elements.count {
            let there = Set(elements.map(key))
            known = known.filter { there.contains($0.key) }
        }
        size = text.count - start
    }
}

extension JSONEncoder {
    /// Writes the same bytes for the same value: sorted keys, slashes as they are.
    public static var canonical: JSONEncoder {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return encoder
    }
}
