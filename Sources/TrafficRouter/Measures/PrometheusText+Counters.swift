import DeliveryModel

/// `RouterCounters` in the Prometheus text format 0.0.4. Every family is there from the start, those without labels
/// with 0, and lines are in a fixed order.
extension PrometheusText {
    static func render(_ counters: RouterCounters) -> String {
        var text = MetricText()
        text.counter("flaws_total", "Messages refused, by what was wrong with them.", [.init(counters.flaws, "flaw")])
        text.counter("limits_reached_total", "Limits reached, by name.", [.init(counters.limits, "limit")])
        connections(counters.connections, &text)
        streams(counters.streams, &text)
        text.counter("access_log_lines_total", "Lines handed to the access log.", [.init(counters.accessLog.logged)])
        text.counter(
            "access_log_dropped_lines_total", "Lines for which the access log had no room.",
            [.init(counters.accessLog.dropped)])
        holds(counters.holds, &text)
        let releases = counters.releases.sorted { $0.key < $1.key }.flatMap { service, releases in
            releases.sorted { $0.key < $1.key }.map { digest, counters in
                Labelled(labels: [("service", service.text), ("release", digest.short)], counters: counters)
            }
        }
        rescues(releases.map { $0.map(\.rescues) }, &text)
        mirrors(releases.map { $0.map(\.mirrors) }, &text)
        health(releases.map { $0.map(\.health) }, &text)
        return text.text
    }

    private static func connections(_ counters: ConnectionCounters, _ text: inout MetricText) {
        text.counter("connections_total", "Connections of clients accepted.", [.init(counters.accepted)])
        text.gauge("connections_open", "Connections of clients open now.", [.init(counters.open)])
        text.counter(
            "connections_refused_total", "Connections of clients closed unserved, by reason.",
            [.init(counters.refused, "reason")])
        text.counter(
            "tls_handshakes_total", "TLS handshakes finished, by version.", [.init(counters.handshakes, "version")])
        text.counter(
            "tls_handshake_failures_total", "TLS handshakes failed, by reason.",
            [.init(counters.handshakeFailures, "reason")])
        text.counter("upstream_connections_total", "Connections made to instances.", [.init(counters.upstreamOpened)])
        text.counter(
            "upstream_connection_reuses_total", "Requests sent over a connection that was there already.",
            [.init(counters.upstreamReused)])
        text.gauge("upstream_connections_open", "Connections to instances open now.", [.init(counters.upstreamOpen)])
        text.counter(
            "upstream_connection_failures_total", "Connections to instances that could not be made, by reason.",
            [.init(counters.upstreamFailures, "reason")])
    }

    private static func streams(_ counters: StreamCounters, _ text: inout MetricText) {
        text.counter("streams_total", "HTTP/2 streams opened by clients.", [.init(counters.opened)])
        text.gauge("streams_open", "HTTP/2 streams open now.", [.init(counters.open)])
        text.counter(
            "streams_reset_by_client_total", "HTTP/2 streams reset by clients.", [.init(counters.resetByClient)])
        text.counter(
            "streams_reset_total", "HTTP/2 streams reset by the router, by reason.", [.init(counters.reset, "reason")])
        text.counter("upgrades_total", "Connections upgraded, such as WebSockets.", [.init(counters.upgraded)])
        text.gauge("upgraded_connections_open", "Upgraded connections open now.", [.init(counters.upgradedOpen)])
    }

    private static func holds(_ holds: [ServiceName: HoldCounters], _ text: inout MetricText) {
        let rows = holds.sorted { $0.key < $1.key }.map {
            Labelled(labels: [("service", $0.key.text)], counters: $0.value)
        }
        text.counter("held_requests_total", "Requests that waited for a held service.", rows.map { $0.value(\.held) })
        text.counter(
            "held_requests_resumed_total", "Requests sent on after a hold.", rows.map { $0.value(\.resumed) })
        text.counter(
            "held_requests_refused_total", "Requests not sent on after a hold, by reason.",
            rows.map { $0.values(\.refused, "reason") })
        text.gauge("held_requests_waiting", "Requests waiting now.", rows.map { $0.value(\.waiting) })
        text.gauge("service_held", "Whether the service is paused or stopped.", rows.map { $0.value(\.isHeld) })
    }

    private static func rescues(_ rows: [Labelled<RescueCounters>], _ text: inout MetricText) {
        text.counter(
            "rescues_total", "Rescues begun, by what the candidate did.", rows.map { $0.values(\.attempted, "cause") })
        text.counter(
            "rescues_answered_total", "Requests that the baseline answered for a candidate.",
            rows.map { $0.value(\.answered) })
        text.counter("rescues_failed_total", "Rescues that failed too.", rows.map { $0.value(\.failed) })
        text.counter(
            "rescues_skipped_total", "Failures of a candidate that were not rescued, by reason.",
            rows.map { $0.values(\.skipped, "reason") })
    }

    private static func mirrors(_ rows: [Labelled<MirrorCounters>], _ text: inout MetricText) {
        text.counter("mirrored_requests_total", "Copies of requests sent.", rows.map { $0.value(\.mirrored) })
        text.counter("mirror_compared_total", "Answers to copies compared.", rows.map { $0.value(\.compared) })
        text.counter("mirror_equal_total", "Answers to copies found equal.", rows.map { $0.value(\.equal) })
        text.counter(
            "mirror_differing_total", "Answers to copies found different.", rows.map { $0.value(\.differing) })
        text.counter("mirror_answered_total", "Copies answered.", rows.map { $0.value(\.answered) })
        text.counter(
            "mirror_answer_seconds_total", "Time from sending copies to the end of their answers.",
            rows.map { MetricSample(labels: $0.labels, seconds: Double($0.counters.answerTime) * 1e-9) })
        text.counter(
            "mirror_dropped_total", "Copies not sent, by reason.", rows.map { $0.values(\.dropped, "reason") })
        text.counter(
            "mirror_failed_total", "Copies without an answer to compare, by reason.",
            rows.map { $0.values(\.failed, "reason") })
    }

    private static func health(_ rows: [Labelled<HealthCounters>], _ text: inout MetricText) {
        text.counter("health_checks_total", "Active checks, by result.", rows.map { $0.values(\.checks, "result") })
        text.counter(
            "instances_ejected_total", "Instances taken out, by reason.", rows.map { $0.values(\.ejected, "reason") })
        text.counter("instances_returned_total", "Instances taken back.", rows.map { $0.value(\.returned) })
        text.gauge("instances", "Instances in the table, by state.", rows.map { $0.values(\.states, "state") })
        text.gauge("instances_out", "Instances that get no requests now.", rows.map { $0.value(\.instancesOut) })
        text.gauge(
            "instances_in_slow_start", "Instances that get fewer requests now.",
            rows.map { $0.value(\.instancesInSlowStart) })
        text.gauge(
            "release_in_panic", "Whether all instances are used, out or not.", rows.map { $0.value(\.isInPanic) })
    }
}

/// Counters and the labels of all their lines.
private struct Labelled<Counters> {
    let labels: [(name: String, value: String)]
    let counters: Counters

    func map<Part>(_ part: (Counters) -> Part) -> Labelled<Part> {
        Labelled<Part>(labels: labels, counters: part(counters))
    }

    func value(_ count: (Counters) -> UInt64) -> MetricSample { MetricSample(labels: labels, count(counters)) }

    func values(_ counts: (Counters) -> [String: UInt64], _ label: String) -> MetricSample {
        MetricSample(labels: labels, counts(counters), label)
    }
}
