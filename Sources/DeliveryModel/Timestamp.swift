/// A moment of wall-clock time in microseconds since 1970-01-01T00:00:00Z; text and JSON form: RFC 3339 in UTC.
public struct Timestamp: Hashable, Sendable, Comparable, CustomStringConvertible {
    public var microseconds: Int64

    public init(microseconds: Int64) { self.microseconds = microseconds }
    public init(secondsSinceEpoch seconds: Double) { microseconds = Int64((seconds * 1e6).rounded()) }

    public var secondsSinceEpoch: Double { Double(microseconds) / 1e6 }

    public static func < (left: Self, right: Self) -> Bool { left.microseconds < right.microseconds }
    public static func - (left: Self, right: Self) -> Duration { .microseconds(left.microseconds - right.microseconds) }
    public static func + (left: Self, right: Duration) -> Self {
        let (seconds, attoseconds) = right.components
        return Timestamp(microseconds: left.microseconds + seconds * 1_000_000 + attoseconds / 1_000_000_000_000)
    }
    public static func - (left: Self, right: Duration) -> Self { left + (.zero - right) }

    /// RFC 3339 with milliseconds: `2026-11-21T04:46:31.120Z`.
    public var description: String {
        let (days, dayMicroseconds) = Self.floorDivide(microseconds, 86_400_000_000)
        let (year, month, day) = Self.civil(days: days)
        let milliseconds = dayMicroseconds / 1000
        let (seconds, fraction) = (milliseconds / 1000, milliseconds % 1000)
        return Self.pad(year, 4) + "-" + Self.pad(month, 2) + "-" + Self.pad(day, 2) + "T" + Self.pad(seconds / 3600, 2)
            + ":"
            + Self.pad(seconds / 60 % 60, 2) + ":" + Self.pad(seconds % 60, 2) + "." + Self.pad(fraction, 3) + "Z"
    }

    /// - Parameter text: `YYYY-MM-DDThh:mm:ss[.fraction](Z|±hh:mm)`.
    /// - Returns: `nil` for anything else, or a date that does not exist.
    public init?(_ text: String) {
        let bytes = Array(text.utf8)
        func number(_ range: Range<Int>) -> Int64? {
            guard range.upperBound <= bytes.count else { return nil }
            var value: Int64 = 0
            for byte in bytes[range] {
                guard (48...57).contains(byte) else { return nil }
                value = value * 10 + Int64(byte - 48)
            }
            return value
        }
        guard bytes.count >= 20, let year = number(0..<4), let month = number(5..<7), let day = number(8..<10),
            let hour = number(11..<13), let minute = number(14..<16), let second = number(17..<19),
            bytes[4] == 45, bytes[7] == 45, bytes[10] == 84 || bytes[10] == 116 || bytes[10] == 32,
            bytes[13] == 58, bytes[16] == 58, (1...12).contains(month), (1...31).contains(day), hour < 24, minute < 60,
            second <= 60
        else { return nil }
        var at = 19
        var fraction: Int64 = 0
        if bytes[at] == UInt8(ascii: ".") {
            at += 1
            var scale: Int64 = 100_000
            let start = at
            while at < bytes.count, (48...57).contains(bytes[at]) {
                fraction += Int64(bytes[at] - 48) * scale
                scale /= 10
                at += 1
            }
            guard at > start else { return nil }
        }
        guard at < bytes.count else { return nil }
        var offset: Int64 = 0
        switch bytes[at] {
        case UInt8(ascii: "Z"), UInt8(ascii: "z"):
            guard at == bytes.count - 1 else { return nil }
        case UInt8(ascii: "+"), UInt8(ascii: "-"):
            guard bytes.count == at + 6, bytes[at + 3] == 58, let hours = number(at + 1..<at + 3),
                let minutes = number(at + 4..<at + 6), hours < 24, minutes < 60
            else { return nil }
            offset = (hours * 3600 + minutes * 60) * (bytes[at] == UInt8(ascii: "-") ? -1 : 1)
        default: return nil
        }
        let days = Self.days(year: year, month: month, day: day)
        guard Self.civil(days: days) == (year, month, day) else { return nil }
        microseconds = (days * 86_400 + hour * 3600 + minute * 60 + second - offset) * 1_000_000 + fraction
    }

    private static func pad(_ number: Int64, _ width: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }

    private static func floorDivide(_ value: Int64, _ divisor: Int64) -> (Int64, Int64) {
        let remainder = ((value % divisor) + divisor) % divisor
        return ((value - remainder) / divisor, remainder)
    }

    // Days and civil dates of the proleptic Gregorian calendar: Howard Hinnant, "chrono-Compatible Low-Level Date
    // Algorithms".
    private static func civil(days: Int64) -> (Int64, Int64, Int64) {
        let shifted = days + 719_468
        let (era, dayOfEra) = floorDivide(shifted, 146_097)
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * shiftedMonth + 2) / 5 + 1)
    }

    private static func days(year: Int64, month: Int64, day: Int64) -> Int64 {
        let shiftedYear = month <= 2 ? year - 1 : year
        let (era, yearOfEra) = floorDivide(shiftedYear, 400)
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }
}

extension Timestamp: Codable {
    public init(from decoder: any Decoder) throws {
        let text = try decoder.singleValueContainer().decode(String.self)
        guard let time = Timestamp(text) else {
            throw DecodingError.dataCorrupted(
                .init(codingPath: decoder.codingPath, debugDescription: "'\(text)' is not an RFC 3339 time"))
        }
        self = time
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}
