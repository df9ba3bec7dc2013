/// The written forms of quantities in a service file. Each returns `nil` for anything that is not exactly such a form.
public enum ServiceFileText {
    private static let durationUnits: [(suffix: String, milliseconds: Int64)] = [
        ("ms", 1), ("s", 1000), ("m", 60_000), ("h", 3_600_000), ("d", 86_400_000),
    ]

    /// A whole number and a unit: `500ms`, `30s`, `10m`, `1h`, `7d`. A minus sign is read so that it can be refused as
    /// a range.
    public static func duration(_ text: String) -> Duration? {
        let negative = text.hasPrefix("-")
        let digits = text.dropFirst(negative ? 1 : 0).prefix { $0.isASCII && $0.isNumber }
        let suffix = text.dropFirst((negative ? 1 : 0) + digits.count)
        guard !digits.isEmpty, let number = Int64(digits),
            let unit = durationUnits.first(where: { $0.suffix == suffix })
        else { return nil }
        let (milliseconds, overflow) = number.multipliedReportingOverflow(by: unit.milliseconds)
        guard !overflow else { return nil }
        return .milliseconds(negative ? -milliseconds : milliseconds)
    }

    /// The shortest text that ``duration(_:)`` reads as `duration`, to the millisecond.
    public static func text(_ duration: Duration) -> String {
        let (seconds, attoseconds) = duration.components
        let milliseconds = seconds * 1000 + attoseconds / 1_000_000_000_000_000
        if milliseconds == 0 { return "0s" }
        for unit in durationUnits.reversed() where milliseconds % unit.milliseconds == 0 {
            return "\(milliseconds / unit.milliseconds)\(unit.suffix)"
        }
        return "\(milliseconds)ms"
    }

    public enum ShareError: Error, Equatable {
        case notAShare
        /// More than two decimals: a share is a whole number of basis points (0.01 %).
        case tooFine
        case outOfRange
    }

    /// `1%`, `0.05%`, `100%`.
    public static func share(_ text: String) throws(ShareError) -> Share {
        guard let (millionths, fine) = percent(text) else { throw .notAShare }
        guard !fine, millionths % 10_000 == 0 else { throw .tooFine }
        guard let share = Share(basisPoints: millionths / 10_000) else { throw .outOfRange }
        return share
    }

    /// `99.9%` as 0.999, at most six decimals; the range is the caller's matter.
    public static func ratio(_ text: String) -> Double? {
        guard let (millionths, fine) = percent(text), !fine else { return nil }
        return Double(millionths) / 100_000_000
    }

    /// Per cent in millionths, and whether the text had digits finer than that.
    private static func percent(_ text: String) -> (millionths: Int, finer: Bool)? {
        guard text.hasSuffix("%") else { return nil }
        let parts = text.dropLast().split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        guard let whole = parts.first, !whole.isEmpty, whole.count <= 9,
            whole.allSatisfy({ $0.isASCII && $0.isNumber }), let number = Int(whole)
        else { return nil }
        guard parts.count == 2 else { return (number * 1_000_000, false) }
        let decimals = parts[1]
        guard !decimals.isEmpty, decimals.allSatisfy({ $0.isASCII && $0.isNumber }) else { return nil }
        let kept = decimals.prefix(6)
        let padded = kept + String(repeating: "0", count: 6 - kept.count)
        guard let fraction = Int(padded) else { return nil }
        return (number * 1_000_000 + fraction, decimals.dropFirst(6).contains { $0 != "0" })
    }

    /// A whole number of bytes with a binary unit: `512B`, `16KiB`, `4MiB`, `1GiB`.
    public static func size(_ text: String) -> Int? {
        let digits = text.prefix { $0.isASCII && $0.isNumber }
        let shifts = ["B": 0, "KiB": 10, "MiB": 20, "GiB": 30]
        guard !digits.isEmpty, let number = Int(digits), let shift = shifts[String(text.dropFirst(digits.count))]
        else { return nil }
        let (bytes, overflow) = number.multipliedReportingOverflow(by: 1 << shift)
        return overflow ? nil : bytes
    }

    /// The shortest text that ``size(_:)-(String)`` reads as that many bytes.
    public static func size(_ bytes: Int) -> String {
        for (unit, shift) in [("GiB", 30), ("MiB", 20), ("KiB", 10)] where bytes > 0 && bytes % (1 << shift) == 0 {
            return "\(bytes >> shift)\(unit)"
        }
        return "\(bytes)B"
    }
}
