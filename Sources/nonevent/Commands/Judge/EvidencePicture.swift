import DeliveryModel
import FoundationEssentials

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Evidence growing over time, as a self-contained SVG picture: for each rule how near it is to deciding, the line
/// where it decides, and the candidate's share below.
struct EvidencePicture {
    let course: EvidenceCourse
    let verdict: Verdict

    private static let width = 900.0
    /// The plot's edges; the names of the rules stand to its right.
    private static let left = 64.0
    private static let right = 740.0
    private static let top = 84.0
    private static let plotHeight = 260.0
    private static let shareHeight = 60.0
    private static let gap = 28.0
    /// What the vertical axis shows: 1 decides, below 0 speaks against the rule.
    private static let range = -0.25...1.25
    /// Rules that never leave this range are no more than a line on the axis.
    private static let quiet = -0.05...0.05
    /// Told apart also by people who see few colours (Okabe and Ito, "Color universal design").
    private static let colours = ["#D55E00", "#0072B2", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#333333"]
    private static let dashes = ["", "6 3", "2 3"]

    /// - Throws: `CommandFailure(.usage)` when no picture can be written there.
    static func checkPlace(_ path: String) throws {
        let directory = path.lastIndex(of: "/").map { String(path[...$0]) } ?? "."
        var isDirectory = false
        let exists = FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory)
        guard !path.isEmpty, !isDirectory, access(exists ? path : directory, W_OK) == 0 else {
            throw CommandFailure(.usage, "--svg: expected a file that can be written, found '\(path)'")
        }
    }

    func write(to path: String) throws {
        guard (try? Data(text.utf8).write(to: URL(filePath: path))) != nil else {
            throw CommandFailure(.usage, "--svg: \(path) could not be written; look at the space on the disk")
        }
    }

    var text: String {
        let height = Self.top + Self.plotHeight + (hasShare ? Self.gap + Self.shareHeight : 0) + 44
        let title = PictureText.escaped("\(verdict.verdict.rawValue): \(verdict.why)")
        let size = "width=\"\(Int(Self.width))\" height=\"\(Int(height))\""
        var parts = [
            "<svg xmlns=\"http://www.w3.org/2000/svg\" \(size) "
                + "viewBox=\"0 0 \(Int(Self.width)) \(Int(height))\" role=\"img\" font-family=\"sans-serif\" "
                + "font-size=\"12\" fill=\"#333333\">",
            "<title>\(title)</title>",
            "<rect width=\"100%\" height=\"100%\" fill=\"#FFFFFF\"/>",
        ]
        parts += heading + axes + lines
        if hasShare { parts += shares }
        return (parts + ["</svg>", ""]).joined(separator: "\n")
    }

    private var hasShare: Bool { course.points.contains { $0.share != nil } }
    private var plotBottom: Double { Self.top + Self.plotHeight }
    private var bottom: Double { plotBottom + (hasShare ? Self.gap + Self.shareHeight : 0) }
    private var span: (from: Double, to: Double) {
        let (first, last) = (course.points.first?.t ?? 0, course.points.last?.t ?? 0)
        return (first, last > first ? last : first + 1)
    }

    private func x(_ t: Double) -> Double {
        Self.left + (t - span.from) / (span.to - span.from) * (Self.right - Self.left)
    }

    private func y(_ progress: Double) -> Double {
        let clipped = min(Self.range.upperBound, max(Self.range.lowerBound, progress))
        return plotBottom - (clipped - Self.range.lowerBound) / 1.5 * Self.plotHeight
    }

    private var heading: [String] {
        let kind = verdict.verdict.rawValue + (verdict.rule.isEmpty ? "" : " (\(verdict.rule))")
        let lines = PictureText.wrapped(verdict.why, width: 130, lines: 3)
        return [label(kind + " from " + NumberText.seconds(course.since) + " on", Self.left, 22, "font-size=\"16\"")]
            + lines.enumerated().map { label($0.element, Self.left, 42 + Double($0.offset) * 15) }
    }

    private var axes: [String] {
        var parts: [String] = []
        for step in axisSteps {
            let at = x(step)
            parts.append(segment(at, Self.top, at, bottom, "stroke=\"#EEEEEE\""))
            parts.append(label(NumberText.seconds(step), at, bottom + 16, "text-anchor=\"middle\""))
        }
        for part in [0, 0.5] {
            parts.append(segment(Self.left, y(part), Self.right, y(part), "stroke=\"#CCCCCC\""))
            parts.append(label(part == 0 ? "0" : "half", Self.left - 8, y(part) + 4, "text-anchor=\"end\""))
        }
        parts.append(
            segment(
                Self.left, y(1), Self.right, y(1), "stroke=\"#333333\" stroke-width=\"1.5\" stroke-dasharray=\"8 4\""))
        parts.append(label("decides", Self.left - 8, y(1) + 4, "text-anchor=\"end\""))
        return parts
    }

    /// Times of at most about eight marks, at 1, 2 or 5 times a power of ten.
    private var axisSteps: [Double] {
        let (from, to) = span
        let rough = (to - from) / 8
        let power = pow(10, log10(rough).rounded(.down))
        let step = [1, 2, 5, 10].map { $0 * power }.first { $0 >= rough } ?? 10 * power
        let first = (from / step).rounded(.up)
        return (0...10).map { (first + Double($0)) * step }.filter { $0 <= to }
    }

    /// One line a rule, the deciding one first and thickest, its name where there is room beside its end.
    private var lines: [String] {
        let all = Set(course.points.flatMap(\.progress.keys)).sorted()
        var names = all.filter { name in
            name == verdict.rule || course.points.contains { !Self.quiet.contains($0.progress[name] ?? 0) }
        }
        if let index = names.firstIndex(of: verdict.rule) { names.insert(names.remove(at: index), at: 0) }
        return names.enumerated().flatMap { index, name in
            let colour = Self.colours[index % Self.colours.count]
            let dash = Self.dashes[index / Self.colours.count % Self.dashes.count]
            let weight = name == verdict.rule ? 3 : 1.5
            let style =
                "stroke=\"\(colour)\" stroke-width=\"\(weight)\" stroke-dasharray=\"\(dash.isEmpty ? "none" : dash)\""
            let points = course.points.compactMap { point in
                point.progress[name].map { (x(point.t), y($0)) }
            }
            let dryRun = verdict.evidence[name]?.dryRun == true ? " (dry run)" : ""
            let row = Self.top + 12 + Double(index) * 18
            return [
                polyline(points, style), segment(Self.right + 14, row - 4, Self.right + 36, row - 4, style),
                label(name + dryRun, Self.right + 42, row),
            ]
        }
    }

    /// The candidate's share in steps, from nothing to everything.
    private var shares: [String] {
        let base = plotBottom + Self.gap + Self.shareHeight
        func height(_ share: Share) -> Double { base - share.fraction * Self.shareHeight }
        var points: [(Double, Double)] = []
        for point in course.points {
            guard let share = point.share else { continue }
            if let before = points.last { points.append((x(point.t), before.1)) }
            points.append((x(point.t), height(share)))
        }
        return [
            segment(Self.left, base, Self.right, base, "stroke=\"#CCCCCC\""),
            segment(Self.left, height(.all), Self.right, height(.all), "stroke=\"#CCCCCC\""),
            label("0%", Self.left - 8, base + 4, "text-anchor=\"end\""),
            label("100%", Self.left - 8, height(.all) + 4, "text-anchor=\"end\""),
            polyline(points, "stroke=\"#777777\" stroke-width=\"2\""),
            label("candidate's share", Self.right + 14, base - Self.shareHeight / 2),
        ]
    }
}

/// Shapes.
extension EvidencePicture {
    private func label(_ text: String, _ x: Double, _ y: Double, _ more: String = "") -> String {
        "<text x=\"\(PictureText.number(x))\" y=\"\(PictureText.number(y))\"\(more.isEmpty ? "" : " " + more)>"
            + PictureText.escaped(text) + "</text>"
    }

    private func segment(_ x1: Double, _ y1: Double, _ x2: Double, _ y2: Double, _ style: String) -> String {
        polyline([(x1, y1), (x2, y2)], style)
    }

    private func polyline(_ points: [(Double, Double)], _ style: String) -> String {
        // A single point is seen only as a dot.
        let ends = points.count == 1 ? points + points : points
        let text = ends.map { PictureText.number($0.0) + "," + PictureText.number($0.1) }.joined(separator: " ")
        return "<polyline points=\"\(text)\" fill=\"none\" stroke-linecap=\"round\" \(style)/>"
    }
}
