import DeliveryModel

/// What copies of requests have shown of a release, as a person wants to see it.
struct MirrorView {
    /// Places of differences that are listed.
    private static let places = 5

    let text: TerminalText

    func lines(_ report: MirrorReport) -> [String] {
        let lost = report.dropped.values.reduce(0, +)
        let failed = report.failed.values.reduce(0, +)
        var summary = "\(report.mirrored) copies sent to \(report.candidate.short)"
        if lost > 0 { summary += ", \(lost) left out" }
        if failed > 0 { summary += ", \(failed) without an answer" }
        if report.compared > 0 { summary += "; \(report.compared) compared, \(report.differing) differ" }
        let verdict =
            report.compared == 0
            ? ""
            : report.isDifferent
                ? text.paint(": not the same as the baseline", .yellow) : ": no more than the baseline from itself"
        let found = report.differences.filter(\.isAboveNoise)
        var lines = ["  mirror   " + summary + verdict]
        lines += found.prefix(Self.places).map { "           " + place($0, of: report) }
        if found.count > Self.places {
            lines.append("           and \(found.count - Self.places) places more (--json)")
        }
        return lines
    }

    private func place(_ difference: MirrorDifference, of report: MirrorReport) -> String {
        let name = difference.path.isEmpty ? difference.part : "\(difference.part) \(difference.path)"
        var words =
            "\(TerminalText.harmless(name)): \(difference.kind) in \(difference.candidate) of \(report.compared)"
        if difference.noise > 0 { words += " (baseline with itself: \(difference.noise) of \(report.noiseCompared))" }
        if let example = difference.examples.first {
            let (before, now) = (example.baseline ?? "nothing", example.candidate ?? "nothing")
            words += ", such as \(TerminalText.harmless(before)) -> \(TerminalText.harmless(now))"
        }
        return words
    }
}
