extension FreezeMoment: CustomStringConvertible, Codable {
    static let weekdays = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]
    /// The same forms as a regular expression, for the schema; that the date exists is not in it.
    static let pattern =
        "^((Mon|Tue|Wed|Thu|Fri|Sat|Sun)|[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01]))"
        + " ([01][0-9]|2[0-3]):[0-5][0-9]$"

    /// - Parameter text: `Fri 16:00` or `2026-12-24 00:00`.
    /// - Returns: `nil` for anything else, or a date that does not exist.
    public init?(_ text: String) {
        let parts = text.split(separator: " ", omittingEmptySubsequences: false)
        guard parts.count == 2, let minute = Self.minute(parts[1]) else { return nil }
        if let weekday = Self.weekdays.firstIndex(of: String(parts[0])) {
            self = .weekly(weekday: weekday, minute: minute)
            return
        }
        guard parts[0].utf8.count == 10, let midnight = Timestamp("\(parts[0])T00:00:00Z") else { return nil }
        self = .once(day: midnight.microseconds / 86_400_000_000, minute: minute)
    }

    private static func minute(_ text: Substring) -> Int? {
        let bytes = Array(text.utf8)
        guard bytes.count == 5, bytes[2] == UInt8(ascii: ":") else { return nil }
        let digits = [bytes[0], bytes[1], bytes[3], bytes[4]].map { Int($0) - 48 }
        guard digits.allSatisfy({ (0...9).contains($0) }) else { return nil }
        let (hour, minute) = (digits[0] * 10 + digits[1], digits[2] * 10 + digits[3])
        return hour < 24 && minute < 60 ? hour * 60 + minute : nil
    }

    public var description: String {
        func pad(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
        func clock(_ minute: Int) -> String { "\(pad(minute / 60)):\(pad(minute % 60))" }
        switch self {
        case .weekly(let weekday, let minute): return "\(Self.weekdays[weekday]) \(clock(minute))"
        case .once(let day, let minute):
            let date = Timestamp(microseconds: day * 86_400_000_000).description.prefix(10)
            return "\(date) \(clock(minute))"
        }
    }

    public init(from decoder: any Decoder) throws {
        let text = try decoder.singleValueContainer().decode(String.self)
        guard let moment = FreezeMoment(text) else {
            throw DecodingError.dataCorrupted(
                .init(codingPath: decoder.codingPath, debugDescription: "'\(text)' is neither 'Fri 16:00' nor a date"))
        }
        self = moment
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}
