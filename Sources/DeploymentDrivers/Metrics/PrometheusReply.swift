import FoundationEssentials

/// What Prometheus answers to a query: <https://prometheus.io/docs/prometheus/latest/querying/api/>. Warnings, labels
/// and fields of later versions are ignored.
struct PrometheusReply: Decodable {
    struct Payload: Decodable, Equatable {
        /// The values of each series, oldest first; a scalar is one series of one value. Native histograms have none.
        var series: [[Double]]
    }

    /// `success` or `error`.
    var status: String
    var errorType: String?
    var error: String?
    var data: Payload?

    /// The server's own words for what went wrong.
    var complaint: String? {
        guard status != "success" else { return nil }
        return [errorType, error].compactMap { $0 }.joined(separator: ": ")
    }
}

extension PrometheusReply.Payload {
    private enum Key: String, CodingKey { case resultType, result }

    private struct Point: Decodable {
        var value: Double

        init(from decoder: any Decoder) throws {
            var container = try decoder.unkeyedContainer()
            _ = try container.decode(Double.self)
            let text = try container.decode(String.self)
            guard let value = Double(text) else {
                throw DecodingError.dataCorruptedError(in: container, debugDescription: "'\(text)' is not a number")
            }
            self.value = value
        }
    }

    private struct Series: Decodable {
        var value: Point?
        var values: [Point]?
    }

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Key.self)
        let type = try container.decode(String.self, forKey: .resultType)
        switch type {
        case "scalar": series = [[try container.decode(Point.self, forKey: .result).value]]
        case "vector", "matrix":
            series = try container.decode([Series].self, forKey: .result).map { series in
                (series.values ?? series.value.map { [$0] } ?? []).map(\.value)
            }
        default:
            throw DecodingError.dataCorruptedError(
                forKey: .resultType, in: container, debugDescription: "a \(type) is not a number")
        }
    }
}
