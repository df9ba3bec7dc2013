import DeliveryAPI
import DeliveryModel
import DeliveryStore
import RolloutEngine

/// The one place where errors become problem details.
enum Problems {
    static func details(_ error: any Error) -> ProblemDetails {
        switch error {
        case let problem as ProblemDetails: problem
        case let error as RolloutError: rollout(error)
        case let error as StoreError: store(error)
        case let error as DriverError:
            ProblemDetails(
                code: "driver-\(error.code.rawValue)", title: "A driver failed", status: 503, detail: error.message)
        case let error as ServiceFileError:
            ProblemDetails(
                code: "bad-service-file", title: "The release's service file has mistakes", status: 422,
                detail: error.problems.map(\.description).joined(separator: "\n"))
        default:
            ProblemDetails(code: "internal", title: "Internal error", status: 500, detail: "\(error)")
        }
    }

    private static func rollout(_ error: RolloutError) -> ProblemDetails {
        let status =
            switch error.code {
            case .unknownRelease: 404
            case .busy: 409
            case .nothingToUndo, .nothingToRedo, .noRollout, .releaseUndone, .commitConflict: 409
            }
        return ProblemDetails(
            code: error.code.rawValue, title: "The rollout engine refuses", status: status, detail: error.message)
    }

    private static func store(_ error: StoreError) -> ProblemDetails {
        let status =
            switch error.code {
            case .full: 507
            case .notFound: 404
            case .refused, .digestMismatch: 422
            case .locked, .corrupt, .io: 500
            }
        return ProblemDetails(
            code: "store-\(error.code.rawValue)", title: "The store cannot do this", status: status,
            detail: error.message)
    }

    static func unknownService(_ name: String, known: [ServiceName]) -> ProblemDetails {
        let list = known.isEmpty ? "there is none yet" : "known: " + known.map(\.text).joined(separator: ", ")
        return ProblemDetails(
            code: "unknown-service", title: "Unknown service", status: 404,
            detail: "there is no service '\(name)'; \(list)")
    }

    static func badRequest(_ detail: String, code: String = "bad-request", status: Int = 400) -> ProblemDetails {
        ProblemDetails(code: code, title: "The request cannot be used", status: status, detail: detail)
    }
}
