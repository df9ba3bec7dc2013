import DeliveryAPI
import DeliveryModel

/// Pipeline runs in words.
struct PipelineView {
    let text: TerminalText

    /// One line a run.
    func table(_ runs: [PipelineRunStatus]) -> [String] {
        var table = TextTable(["started", "run", "state", "branch", "commit", "by", "why"])
        for run in runs {
            table.add([
                run.startedAt.description, run.id, run.state, TerminalText.harmless(run.branch),
                TerminalText.shownCommit(run.commit), TerminalText.harmless(run.actor), TerminalText.harmless(run.why),
            ])
        }
        return table.lines(text)
    }

    /// A run in full.
    func whole(_ run: PipelineRunStatus) -> [String] {
        var lines = [
            "\(run.id): \(state(run.state)), commit \(TerminalText.shownCommit(run.commit)) of "
                + TerminalText.harmless("\(run.branch) in \(run.repository)"),
            "  \(TerminalText.harmless(run.why))",
        ]
        for stage in run.stages { lines.append("  " + line(stage)) }
        if let release = run.release { lines.append("  release \(release.short)") }
        lines += run.commits.map { commit in
            text.paint(
                "  commit \(TerminalText.shownCommit(commit.commit)) "
                    + TerminalText.harmless("\(commit.subject) (\(commit.author))"), .dim)
        }
        return lines
    }

    func line(_ stage: PipelineStageStatus) -> String {
        var words = [stage.name + ":", state(stage.state)]
        if let seconds = stage.seconds, stage.state != "cached" {
            words.append("after " + TerminalText.duration(seconds: seconds))
        }
        if stage.attempts > 1 { words.append("(\(stage.attempts) attempts)") }
        if let tests = stage.tests {
            words.append("tests: \(tests.passed) passed, \(tests.failed) failed, \(tests.skipped) skipped")
        }
        if let reason = stage.reason, !reason.isEmpty { words.append("- " + TerminalText.harmless(reason)) }
        return words.joined(separator: " ")
    }

    func state(_ word: String) -> String {
        switch word {
        case "passed", "cached": text.paint(word, .green)
        case "failed": text.paint(word, .red)
        case "running", "packing": text.paint(word, .blue)
        default: word
        }
    }
}
