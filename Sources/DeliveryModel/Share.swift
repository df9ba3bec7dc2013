/// A part of traffic in basis points, 0 to 10,000.
public struct Share: Hashable, Sendable, Comparable, CustomStringConvertible {
    public let basisPoints: Int

    public static let none = Share(clamping: 0)
    public static let all = Share(clamping: 10_000)

    /// - Returns: `nil` outside 0...10,000.
    public init?(basisPoints: Int) {
        guard (0...10_000).contains(basisPoints) else { return nil }
        self.basisPoints = basisPoints
    }

    /// The nearest share there is.
    public init(clamping basisPoints: Int) { self.basisPoints = min(10_000, max(0, basisPoints)) }

    /// The nearest basis point; `nil` outside 0...1.
    public init?(fraction: Double) {
        guard (0...1).contains(fraction) else { return nil }
        self.init(clamping: Int((fraction * 10_000).rounded()))
    }

    public var fraction: Double { Double(basisPoints) / 10_000 }
    public var rest: Share { Share(clamping: 10_000 - basisPoints) }

    /// Per cent without needless digits: `1%`, `0.05%`, `100%`.
    public var description: String {
        let (whole, part) = (basisPoints / 100, basisPoints % 100)
        if part == 0 { return "\(whole)%" }
        return part % 10 == 0 ? "\(whole).\(part / 10)%" : "\(whole).\(part < 10 ? "0" : "")\(part)%"
    }

    public static func < (left: Self, right: Self) -> Bool { left.basisPoints < right.basisPoints }
}

/// Sends a `Share` as a number from 0 to 1.
@propertyWrapper
public struct InFraction: Sendable, Hashable, Encodable {
    public var wrappedValue: Share

    public init(wrappedValue: Share) { self.wrappedValue = wrappedValue }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(wrappedValue.fraction)
    }
}

extension Share: Codable {
    public init(from decoder: any Decoder) throws {
        let points = try decoder.singleValueContainer().decode(Int.self)
        guard let share = Share(basisPoints: points) else {
            throw DecodingError.dataCorrupted(
                .init(
                    codingPath: decoder.codingPath,
                    debugDescription: "share \(points) is not within 0 to 10000 basis points"))
        }
        self = share
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(basisPoints)
    }
}
