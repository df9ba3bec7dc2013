import DeliveryModel
import RolloutEngine

/// Each service's part of the table, made anew when its generation has risen: routes never change without that, and
/// one of hundreds is routed anew at a time.
struct RoutedParts {
    struct Part {
        var generation: UInt64
        var routes: RoutedService?
        var certificate: RoutedCertificate?
    }

    private var known: [ServiceName: Part] = [:]

    mutating func part(_ state: ServiceState) -> Part {
        if let part = known[state.service], part.generation == state.generation { return part }
        let part = Part(generation: state.generation, routes: state.routes, certificate: state.certificate)
        known[state.service] = part
        return part
    }
}
