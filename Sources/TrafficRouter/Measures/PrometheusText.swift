import DeliveryModel

/// `TrafficMeasures` in the Prometheus text format 0.0.4.
enum PrometheusText {
    /// Borders in seconds of the cumulative buckets into which the fine ones are summed.
    static let borders = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60]

    static func render(_ measures: TrafficMeasures) -> String {
        var text = ""
        let rows = measures.services.sorted { $0.key < $1.key }.flatMap { service, releases in
            releases.sorted { $0.key < $1.key }.map { digest, counts in
                (labels: "service=\"\(service)\",release=\"\(digest.short)\"", counts: counts)
            }
        }
        text += family("nonevent_router_requests_total", "counter", "Requests answered, by class of status.")
        for row in rows {
            for (index, count) in row.counts.statusClasses.enumerated() {
                text += "nonevent_router_requests_total{\(row.labels),class=\"\(index + 1)xx\"} \(count)\n"
            }
        }
        text += family("nonevent_router_bad_total", "counter", "Requests that count as bad.")
        for row in rows { text += "nonevent_router_bad_total{\(row.labels)} \(row.counts.bad)\n" }
        text += family("nonevent_router_in_flight", "gauge", "Requests under way.")
        for row in rows {
            text += "nonevent_router_in_flight{\(row.labels)} \(row.counts.inFlight.values.reduce(0, +))\n"
        }
        text += family(
            "nonevent_router_request_duration_seconds", "histogram",
            "Time from head received to last byte sent; the sum is taken from bucket borders, at most 2.5 % too high.")
        for row in rows { text += histogram(row.counts, labels: row.labels) }
        text += family("nonevent_router_unmatched_total", "counter", "Requests that matched no service.")
        text += "nonevent_router_unmatched_total \(measures.unmatched)\n"
        text += family("nonevent_router_table_generation", "gauge", "Generation of the table in force.")
        text += "nonevent_router_table_generation \(measures.generation)\n"
        return text
    }

    private static func family(_ name: String, _ type: String, _ help: String) -> String {
        "# HELP \(name) \(help)\n# TYPE \(name) \(type)\n"
    }

    private static func histogram(_ counts: ReleaseMeasures, labels: String) -> String {
        let name = "nonevent_router_request_duration_seconds"
        var text = ""
        for border in borders {
            // A fine bucket that reaches past the border is left to the next one: never fewer slow requests than there
            // were.
            let sum = counts.latency.reduce(UInt64(0)) { sum, entry in
                LatencyBuckets.upperBound(entry.key) <= border ? sum + entry.value : sum
            }
            text += "\(name)_bucket{\(labels),le=\"\(border)\"} \(sum)\n"
        }
        let total = counts.latency.values.reduce(0, +)
        let seconds = counts.latency.reduce(0.0) { $0 + LatencyBuckets.upperBound($1.key) * Double($1.value) }
        text += "\(name)_bucket{\(labels),le=\"+Inf\"} \(total)\n"
        text += "\(name)_sum{\(labels)} \(seconds)\n\(name)_count{\(labels)} \(total)\n"
        return text
    }
}
