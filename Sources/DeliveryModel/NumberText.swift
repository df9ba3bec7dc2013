/// Numbers as people read them, in the judge's sentences and on the terminal; never NaN or infinity.
public enum NumberText {
    /// Whole, with commas: `4,600`; `very many` from 10^15 on.
    public static func grouped(_ number: Double) -> String {
        let whole = number.rounded()
        guard whole.isFinite, abs(whole) < 1e15 else { return "very many" }
        let digits = Array(String(Int64(abs(whole))))
        var text = whole < 0 ? "-" : ""
        for (index, digit) in digits.enumerated() {
            if index > 0, (digits.count - index).isMultiple(of: 3) { text.append(",") }
            text.append(digit)
        }
        return text
    }

    /// With a fixed number of decimals, 0 to 3.
    public static func decimal(_ number: Double, _ decimals: Int) -> String {
        let scale = [1, 10, 100, 1000][min(3, max(0, decimals))]
        let scaled = (number * Double(scale)).rounded()
        guard scale > 1, scaled.isFinite, abs(scaled) < 1e15 else { return grouped(number) }
        let (whole, part) = Int64(abs(scaled)).quotientAndRemainder(dividingBy: Int64(scale))
        let digits = String(part)
        let padding = String(repeating: "0", count: max(0, decimals - digits.count))
        return (scaled < 0 ? "-" : "") + grouped(Double(whole)) + "." + padding + digits
    }

    /// About two digits that matter: `12 %`, `5.0 %`, `0.07 %`.
    public static func percent(_ rate: Double) -> String {
        let value = rate * 100
        if !(value > 0) { return "0 %" }
        if value < 0.01 { return "under 0.01 %" }
        if value > 99, value < 100 { return "over 99 %" }
        return ratio(value) + " %"
    }

    /// `3 of 4,600 (0.07 %)`, `none of 4,600`.
    public static func part(_ bad: Double, of requests: Double) -> String {
        bad > 0 && requests > 0
            ? "\(grouped(bad)) of \(grouped(requests)) (\(percent(bad / requests)))" : "none of \(grouped(requests))"
    }

    /// A ratio: `77`, `3.1`, `0.87`.
    public static func ratio(_ value: Double) -> String {
        decimal(value, value >= 9.95 ? 0 : value >= 0.995 ? 1 : 2)
    }

    /// A point in time: `35 s`, `0.5 s`, `604,800 s`.
    public static func seconds(_ seconds: Double) -> String {
        decimal(seconds, seconds == seconds.rounded() ? 0 : 1) + " s"
    }

    /// A length of time, whole, in the unit that fits: `35 s`, `3 min`, `60 h`, `7 d`.
    public static func duration(_ seconds: Double) -> String {
        switch seconds {
        case ..<120: grouped(seconds) + " s"
        case ..<7200: grouped(seconds / 60) + " min"
        case ..<172_800: grouped(seconds / 3600) + " h"
        default: grouped(seconds / 86_400) + " d"
        }
    }
}
