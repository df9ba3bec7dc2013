import DeliveryModel

/// Numbers in the judge's own sentences.
enum Wording {
    /// `77 times`, `1.4 times`.
    static func times(_ ratio: Double, _ decimals: Int = 1) -> String {
        NumberText.decimal(ratio, ratio >= 9.95 ? 0 : decimals) + " times"
    }

    /// `52 ms`, `1.3 s`, `0.4 ms`.
    static func latency(_ seconds: Double) -> String {
        if seconds >= 0.9995 { return NumberText.decimal(seconds, seconds >= 9.95 ? 0 : 1) + " s" }
        return NumberText.decimal(seconds * 1000, seconds >= 0.00995 ? 0 : 1) + " ms"
    }

    /// Any number with about three digits that matter: `1.25`, `312`, `48,200,000`.
    static func number(_ value: Double) -> String {
        let size = abs(value)
        return NumberText.decimal(value, size >= 100 ? 0 : size >= 10 ? 1 : size >= 1 ? 2 : 3)
    }

    /// `3 of 4,600 (0.07 %)`, `none of 4,600`.
    static func part(_ counts: Counts) -> String { NumberText.part(counts.bad, of: counts.requests) }

    /// `evidence e^9.1 against e^4.6 needed`.
    static func evidence(_ lnE: Double, _ threshold: Double) -> String {
        "evidence e^\(NumberText.decimal(min(lnE, 9999), 1)) against e^\(NumberText.decimal(threshold, 1)) needed"
    }
}
