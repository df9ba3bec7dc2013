import DeliveryModel
import Testing

@testable import TrafficRouter

/// Lines for the tests of the access log.
enum AccessLogSample {
    /// 2026-11-21T04:46:31.120456Z
    static let time: Int64 = 1_795_236_391_120_456

    static func line(
        method: String = "GET", target: String = "/", host: String? = nil, userAgent: String? = nil,
        referer: String? = nil
    ) -> AccessLogLine {
        var line = AccessLogLine(time: time, client: "192.0.2.7", status: 200)
        func put(_ text: [UInt8]) -> Range<Int> {
            line.head += text
            return line.head.count - text.count..<line.head.count
        }
        line.method = put(Array(method.utf8))
        line.target = put(Array(target.utf8))
        line.host = host.map { put(Array($0.utf8)) }
        line.userAgent = userAgent.map { put(Array($0.utf8)) }
        line.referer = referer.map { put(Array($0.utf8)) }
        return line
    }

    static func full() -> AccessLogLine {
        var line = line(
            method: "POST", target: "/cart?id=7", host: "shop.example", userAgent: "curl/8.5.0",
            referer: "https://shop.example/")
        let traceparent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
        line.head += Array(traceparent.utf8)
        line.traceparent = line.head.count - traceparent.utf8.count..<line.head.count
        line.version = .http2
        line.encryption = .tls13
        line.status = 503
        line.bytesIn = 16_384
        line.bytesOut = 42
        line.duration = 1_234_567
        line.upstreamDuration = 89
        line.service = "shop"
        line.release = "0123456789ab"
        line.instance = "shop-0123456789ab-3-0"
        line.isRescued = true
        line.refusal = "overloaded"
        line.requestID = Array("7f3a".utf8)
        return line
    }

    static func text(_ line: AccessLogLine, _ format: AccessLogFormat) -> String {
        String(decoding: bytes(line, format), as: UTF8.self)
    }

    static func bytes(_ line: AccessLogLine, _ format: AccessLogFormat) -> [UInt8] {
        var renderer = AccessLogRenderer(format: format)
        var bytes: [UInt8] = []
        renderer.append(line, to: &bytes)
        return bytes
    }

    /// Members of a JSON line, as the strict reader of the mirror sees them.
    static func members(_ bytes: [UInt8]) throws -> [(name: String, value: String)] {
        let document = try JSONDocument.parse(bytes, maxDepth: 2, maxFields: 100)
        return document.children(of: 0).map { node in
            let value =
                document.nodes[node].type == .string
                ? document.unescaped(document.content(of: node)) : Array(bytes[document.nodes[node].range])
            return (
                String(decoding: document.name(of: node), as: UTF8.self), String(decoding: value, as: UTF8.self)
            )
        }
    }
}
