public import DeliveryModel

/// Everything that can happen to a pipeline run.
public enum PipelineEvent: Sendable, Equatable {
    case begin
    /// Result of ``PipelineEffect/start(attempt:stage:)``.
    case ended(attempt: String, StageEnding)
    /// Results of ``PipelineEffect/pack``.
    case packed(ReleaseDigest)
    case packFailed(why: String)
    case cancel(actor: String, why: String)
    /// The control plane started again; the attempts under way have been ended by who finds leftovers.
    case restarted
}

/// What a transition asks drivers to do. Carried out at least once; each is idempotent by the attempt's id.
public enum PipelineEffect: Sendable, Equatable, Codable {
    case start(attempt: String, stage: String)
    case stop(attempt: String)
    /// Make a release of the commit and what its stages handed on.
    case pack
}

/// One line for the journal.
public struct PipelineNote: Sendable, Equatable, Codable {
    /// `pipeline.started`, `stage.started`, `stage.passed`, `stage.failed`, `pipeline.passed`, ...
    public var kind: String
    public var actor: String
    public var stage: String?
    public var attempt: String?
    public var release: ReleaseDigest?
    public var why: String
}

/// What one event leads to.
public struct PipelineTransition: Sendable, Equatable {
    public var run: PipelineRun
    public var effects: [PipelineEffect]
    public var notes: [PipelineNote]
}

/// Why an event is refused. Nothing has changed then.
public struct PipelineError: Error, Sendable, Equatable, CustomStringConvertible {
    public enum Code: String, Sendable {
        case ended = "pipeline-ended"
        case unknownAttempt = "unknown-attempt"
    }

    public var code: Code
    public var message: String
    public init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    public var description: String { message }
}

/// Runs stages as soon as what they need has passed: pure, synchronous, deterministic.
///
/// A stage that fails for good ends the run: what runs is stopped, what waits is skipped. The run's `outcome` is set
/// when nothing is under way any more.
public enum PipelineStateMachine {
    /// Attempts of one stage that may be lost with the control plane, or be stopped unasked, before the stage counts as
    /// failed: a stage that brings the machine down must not do so for ever.
    public static let lostAttempts = 5

    /// - Parameters:
    ///   - now: wall-clock time that never runs backwards.
    /// - Throws: ``PipelineError`` when the event does not fit; the run stays as it was. A result that came before is
    ///   no error and changes nothing.
    public static func step(
        _ run: PipelineRun, _ event: PipelineEvent, at now: Timestamp
    ) throws(PipelineError) -> PipelineTransition {
        var stepper = PipelineStepper(run: run, now: now)
        try stepper.take(event)
        return PipelineTransition(run: stepper.run, effects: stepper.effects, notes: stepper.notes)
    }
}
