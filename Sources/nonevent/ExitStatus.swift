import ArgumentParser
import DeliveryAPI
import DeliveryModel

import Glibc

/// The exit codes of every command, after BSD's sysexits where it has one.
enum ExitStatus: Int32 {
    case done = 0
    /// Undone, refused by a gate, or a check failed.
    case failed = 1
    /// Only of `nonevent judge`: neither promote (0) nor undo (1).
    case undecided = 2
    case nothingToDo = 3
    case usage = 64
    case badInput = 65
    case unreachable = 69
    case tryAgain = 75
    case notAllowed = 77
}

/// An error that a command words itself.
struct CommandFailure: Error, CustomStringConvertible {
    var status: ExitStatus
    /// Empty: everything has been said already.
    var message: String

    init(_ status: ExitStatus, _ message: String = "") {
        self.status = status
        self.message = message
    }

    var description: String { message }
}

/// The reader of standard output went away: not an error of ours.
struct OutputClosed: Error {}

extension ExitStatus {
    /// The only place where an error becomes a message on standard error and an exit code.
    static func exit(_ error: any Error) -> Never {
        let status: ExitStatus
        switch error {
        case is OutputClosed, is CancellationError: status = .done
        case let failure as CommandFailure: status = failure.status
        case let problem as ProblemDetails: status = Self.of(problem)
        case is ControlPlaneUnreachable: status = .unreachable
        case is ServiceFileError: status = .badInput
        case is UnreadableAnswer: status = .failed
        case is ExitCode, is CleanExit, is ValidationError: NoneventCommand.exit(withError: error)
        default:
            // The parser's own errors are not public: they are the ones it gives an exit code other than plain failure.
            if NoneventCommand.exitCode(for: error) != .failure { NoneventCommand.exit(withError: error) }
            status = .failed
        }
        let text = String(describing: error)
        if status != .done, !text.isEmpty { StandardError.line("nonevent: " + text) }
        Self.leave(status)
    }

    /// Product codes for what the control plane refuses.
    static func of(_ problem: ProblemDetails) -> ExitStatus {
        switch (problem.status, problem.code) {
        case (401, _), (403, _): .notAllowed
        case (_, "nothing-to-undo"), (_, "nothing-to-redo"), (_, "no-rollout"), (_, "not-queued"): .nothingToDo
        case (_, "bad-service-file"), (413, _): .badInput
        case (400, _): .usage
        case (_, "busy"), (_, "queue-full"), (429, _), (502, _), (503, _), (504, _): .tryAgain
        default: .failed
        }
    }

    private static func leave(_ status: ExitStatus) -> Never {
        Glibc.exit(status.rawValue)
    }
}
