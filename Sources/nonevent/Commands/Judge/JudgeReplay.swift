import ArgumentParser
import CanaryJudge
import DeliveryModel

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// `nonevent judge` without a subcommand.
struct JudgeReplay: ParsableCommand {
    static let discussion = """
        Reads ticks from standard input, one JSON object a line, as `nonevent history SERVICE --ticks ROLLOUT` writes \
        them:
        {"t": 5, "candidate": {"requests": 9, "bad": 1}, "baseline": {"requests": 91}}
        "t" is in seconds; every other part may be left out. More parts: "share": 0.1 (the candidate's); in an arm \
        "latency": {"-121": 20} (requests by bucket ceil(ln(seconds) / ln 1.025)); "counts": {"orders": {"candidate": \
        3, "baseline": 30, "share": 0.1}}; "gauges": {"rss": {"candidate": [1.5], "baseline": [1.4]}}.
        With --json one verdict a tick; without, a line whenever the verdict changes, and the last verdict in full. \
        Once the judge says undo it stays with it. Needs no control plane.

        Exit codes, by the last verdict: 0 promote; 1 undo; 2 hold or inconclusive. 64 usage; 65 a line or a \
        configuration that cannot be used, or no ticks.

        Example: nonevent history shop --ticks ROLLOUT | nonevent judge --json
        Example: nonevent judge --rule errors-undo --r0 1.25 --phi 1 --no-restart --json < ticks.jsonl
        """

    static let configuration = CommandConfiguration(
        commandName: "replay", abstract: "Judge ticks from standard input (what `nonevent judge` alone does).",
        discussion: discussion)

    /// The options as this command's help lists them, for the help of the command above, which has none of its own.
    static var optionsHelp: String {
        let lines = helpMessage(columns: 78).split(separator: "\n", omittingEmptySubsequences: false)
        let options = lines.drop { !$0.hasPrefix("OPTIONS:") }.prefix { !$0.hasPrefix("  -h") }
        return options.joined(separator: "\n")
    }

    @OptionGroup var options: JudgeOptions
    @Option(
        help: ArgumentHelp(
            "Also draw how the evidence grew, as an SVG picture.", valueName: "file"))
    var svg: String?
    @OptionGroup var output: OutputOptions

    func run() throws {
        if let svg { try EvidencePicture.checkPlace(svg) }
        var judge = try options.judge()
        if isatty(STDIN_FILENO) == 1 {
            StandardError.line(
                "nonevent: reading ticks as JSON lines from the terminal, such as "
                    + #"{"t": 1, "candidate": {"requests": 20, "bad": 1}, "baseline": {"requests": 180, "bad": 0}};"#
                    + " end with Ctrl-D; nonevent judge --help tells more")
        }
        do {
            let last = try replay(&judge)
            switch last {
            case .promote: return
            case .undo: throw CommandFailure(.failed)
            case .hold, .inconclusive: throw CommandFailure(.undecided)
            }
        } catch is OutputClosed {
            // Not judged to the end: that must not look like a promotion.
            throw CommandFailure(.undecided)
        }
    }

    /// - Returns: the last verdict.
    private func replay(_ judge: inout ReplayedJudge) throws -> VerdictKind {
        var lines = TickLines()
        var news = VerdictNews(view: VerdictView(text: .current))
        var course = EvidenceCourse()
        var last: (tick: JudgeTick, verdict: Verdict)?
        while let tick = try lines.next() {
            let verdict = judge.judge(tick)
            last = (tick, verdict)
            if svg != nil { course.add(tick, verdict) }
            do {
                if output.json { try StandardOutput.json(verdict) } else { try news.tell(verdict, tick) }
            } catch is EncodingError {
                throw lines.problem("expected numbers that can be judged, found some that are too large")
            }
        }
        guard let last else {
            throw CommandFailure(
                .badInput, "standard input: expected ticks as JSON lines, found none; nonevent judge --help shows one")
        }
        if !output.json { try news.conclude(last.verdict, share: last.tick.share) }
        if let svg { try EvidencePicture(course: course, verdict: last.verdict).write(to: svg) }
        return last.verdict.verdict
    }
}
