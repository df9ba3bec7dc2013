import DeliveryAPI
import DeliveryModel

/// Tells what happens while it happens: the journal's entries in words, with what people have seen so far.
struct DemoNews: Sendable {
    let text: TerminalText
    let isSilent: Bool
    let began = ContinuousClock.now

    func say(_ line: String, _ style: TerminalText.Style? = nil) {
        guard !isSilent else { return }
        let seconds = (ContinuousClock.now - began).inSeconds
        let tenths = Int((seconds * 10).rounded())
        let time =
            String(repeating: " ", count: max(0, 4 - String(tenths / 10).count)) + "\(tenths / 10).\(tenths % 10) s  "
        // A reader that went away does not stop the demo: its exit code still tells.
        try? StandardOutput.line(text.paint(time, .dim) + (style.map { text.paint(line, $0) } ?? line))
    }

    /// Until it is cancelled.
    func follow(
        _ client: ControlPlaneClient, service: ServiceName, after sequence: Int64, samples: LoadSamples
    ) async throws {
        for try await item in client.events(service: service, after: sequence) {
            guard Self.told.contains(where: item.kind.hasPrefix) else { continue }
            let why = item.data["why"]?.text ?? item.kind
            let seen = samples.after(0)
            let errors = seen.count(where: \.isError)
            let style: TerminalText.Style? =
                switch item.kind {
                case "rollout.undone": .red
                case "rollout.complete", "undo": .green
                default: nil
                }
            say("  " + TerminalText.harmless(why), style)
            say("    \(seen.count) requests so far, \(errors) errors", .dim)
        }
    }

    /// Kinds of entries that a person wants to see here.
    private static let told = ["rollout.", "undo", "instances.failed"]
}
