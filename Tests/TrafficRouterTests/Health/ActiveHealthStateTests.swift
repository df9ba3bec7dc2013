import Testing

@testable import TrafficRouter

struct ActiveHealthStateTests {
    struct Course: CustomTestStringConvertible, Sendable {
        var healthyAfter = 1
        var unhealthyAfter = 2
        /// One character a check: + or -.
        let checks: String
        /// One character a check: U became unhealthy, H became healthy, . no change.
        let changes: String
        var testDescription: String { "\(healthyAfter)/\(unhealthyAfter) \(checks)" }
    }

    @Test(arguments: [
        Course(checks: "+++", changes: "..."),
        Course(checks: "--", changes: ".U"),
        Course(checks: "-+-+--", changes: ".....U"),
        Course(checks: "--+", changes: ".UH"),
        Course(checks: "----+--", changes: ".U..H.U"),
        Course(healthyAfter: 3, checks: "--+++", changes: ".U..H"),
        Course(healthyAfter: 3, checks: "--++-+++", changes: ".U.....H"),
        Course(unhealthyAfter: 1, checks: "-+-", changes: "UHU"),
        Course(unhealthyAfter: 4, checks: "---+----", changes: ".......U"),
        Course(healthyAfter: 0, unhealthyAfter: 0, checks: "-+", changes: "UH"),
    ])
    func thresholds(_ course: Course) {
        let settings = HealthSettings.with {
            $0.healthyAfter = course.healthyAfter
            $0.unhealthyAfter = course.unhealthyAfter
        }
        var health = ActiveHealthState()
        #expect(health.isHealthy, "an instance starts healthy")
        var seen = ""
        for (second, check) in course.checks.enumerated() {
            switch health.record(success: check == "+", now: .s(UInt64(second)), settings: settings) {
            case nil: seen += "."
            case .becameHealthy: seen += "H"
            case .becameUnhealthy: seen += "U"
            }
        }
        #expect(seen == course.changes)
    }

    @Test func theTimeOfTheLastChangeIsKept() {
        var health = ActiveHealthState()
        let settings = HealthSettings()
        _ = health.record(success: false, now: 10, settings: settings)
        #expect(health.changedAt == 0)
        _ = health.record(success: false, now: 20, settings: settings)
        _ = health.record(success: false, now: 30, settings: settings)
        #expect(health.changedAt == 20)
    }
}
