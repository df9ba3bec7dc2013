import DeliveryModel

/// How lines are written.
///
/// `json`: an object per line; every line has the same keys in the same order. `combined`: as Apache's and nginx's
/// `combined` (https://httpd.apache.org/docs/2.4/logs.html#combined).
typealias AccessLogFormat = AccessLog.Format

/// Turns lines into bytes. One per event loop; allocates nothing once the buffer has its size.
struct AccessLogRenderer {
    /// Bytes of one text that are written; the rest is left out.
    static let maxTextBytes = 4_096
    /// Keys, numbers, times and punctuation of a line together are shorter.
    static let fixedBytes = 640

    let format: AccessLogFormat
    private var clock = AccessLogClock()

    init(format: AccessLogFormat) { self.format = format }

    /// More bytes than the line takes.
    func worstSize(_ line: AccessLogLine) -> Int {
        var texts = length(line.client.utf8.count) + length(line.requestID.count)
        texts += length(line, line.method) + length(line, line.target) + length(line, line.host)
        texts += length(line, line.userAgent) + length(line, line.referer) + length(line, line.traceparent)
        texts += length(line.service) + length(line.release) + length(line.instance) + length(line.refusal)
        return Self.fixedBytes + texts * LogText.maxExpansion
    }

    /// Appends the line with its line feed.
    mutating func append(_ line: AccessLogLine, to buffer: inout [UInt8]) {
        let milliseconds = clock.set(microseconds: line.time)
        let (clock, format) = (clock, format)
        buffer.append(addingCapacity: worstSize(line)) { output in
            switch format {
            case .json: Self.json(line, clock, milliseconds, to: &output)
            case .combined: Self.combined(line, clock, to: &output)
            }
        }
    }

    /// Appends a line that says how many lines were dropped.
    /// - Parameter time: microseconds since 1970.
    mutating func appendDropped(_ count: UInt64, time: Int64, to buffer: inout [UInt8]) {
        let milliseconds = clock.set(microseconds: time)
        let (clock, format) = (clock, format)
        buffer.append(addingCapacity: Self.fixedBytes) { output in
            switch format {
            case .json:
                Self.time(clock, milliseconds, to: &output)
                LogText.literal(",\"droppedLines\":", to: &output)
                LogText.number(count, to: &output)
                LogText.literal("}\n", to: &output)
            case .combined:
                LogText.literal("- - - [", to: &output)
                LogText.raw(clock.common.span, 0..<clock.common.count, to: &output)
                LogText.literal("] \"-\" 0 0 \"-\" \"nonevent: ", to: &output)
                LogText.number(count, to: &output)
                LogText.literal(" lines dropped\"\n", to: &output)
            }
        }
    }

    private static func time(_ clock: AccessLogClock, _ milliseconds: Int, to output: inout OutputSpan<UInt8>) {
        LogText.literal("{\"time\":\"", to: &output)
        LogText.raw(clock.internet.span, 0..<clock.internet.count, to: &output)
        output.append(UInt8(ascii: "."))
        LogText.number(UInt64(milliseconds), digits: 3, to: &output)
        LogText.literal("Z\"", to: &output)
    }

    @inline(__always)
    private func length(_ bytes: Int) -> Int { min(bytes, Self.maxTextBytes) }

    @inline(__always)
    private func length(_ text: String?) -> Int { text.map { length($0.utf8.count) } ?? 0 }

    @inline(__always)
    private func length(_ line: AccessLogLine, _ range: Range<Int>?) -> Int {
        line.bounded(range, limit: Self.maxTextBytes)?.count ?? 0
    }
}

extension AccessLogRenderer {
    private static func json(
        _ line: AccessLogLine, _ clock: AccessLogClock, _ milliseconds: Int, to output: inout OutputSpan<UInt8>
    ) {
        time(clock, milliseconds, to: &output)
        text(",\"client\":", line.client, to: &output)
        slice(",\"method\":", line, line.method, to: &output)
        slice(",\"target\":", line, line.target, to: &output)
        text(",\"protocol\":", line.version.rawValue, to: &output)
        slice(",\"host\":", line, line.host, to: &output)
        LogText.literal(",\"status\":", to: &output)
        LogText.number(UInt64(max(0, line.status)), to: &output)
        LogText.literal(",\"bytesIn\":", to: &output)
        LogText.number(line.bytesIn, to: &output)
        LogText.literal(",\"bytesOut\":", to: &output)
        LogText.number(line.bytesOut, to: &output)
        LogText.literal(",\"durationSeconds\":", to: &output)
        LogText.seconds(microseconds: line.duration, to: &output)
        LogText.literal(",\"upstreamSeconds\":", to: &output)
        if let duration = line.upstreamDuration {
            LogText.seconds(microseconds: duration, to: &output)
        } else {
            LogText.literal("null", to: &output)
        }
        text(",\"service\":", line.service, to: &output)
        text(",\"release\":", line.release, to: &output)
        text(",\"instance\":", line.instance, to: &output)
        LogText.literal(line.isRescued ? ",\"rescued\":true" : ",\"rescued\":false", to: &output)
        text(",\"refusal\":", line.refusal, to: &output)
        let id = line.requestID.isEmpty ? nil : 0..<min(line.requestID.count, maxTextBytes)
        value(",\"requestID\":", line.requestID.span, id, to: &output)
        slice(",\"traceparent\":", line, line.traceparent, to: &output)
        slice(",\"userAgent\":", line, line.userAgent, to: &output)
        slice(",\"referer\":", line, line.referer, to: &output)
        text(",\"tls\":", line.encryption?.rawValue, to: &output)
        LogText.literal("}\n", to: &output)
    }

    @inline(__always)
    private static func slice(
        _ key: StaticString, _ line: AccessLogLine, _ range: Range<Int>?, to output: inout OutputSpan<UInt8>
    ) {
        value(key, line.head.span, line.bounded(range, limit: maxTextBytes), to: &output)
    }

    @inline(__always)
    private static func text(_ key: StaticString, _ text: String?, to output: inout OutputSpan<UInt8>) {
        guard let text else {
            LogText.literal(key, to: &output)
            return LogText.literal("null", to: &output)
        }
        let bytes = text.utf8.span
        value(key, bytes, 0..<min(bytes.count, maxTextBytes), to: &output)
    }

    @inline(__always)
    private static func value(
        _ key: StaticString, _ bytes: Span<UInt8>, _ range: Range<Int>?, to output: inout OutputSpan<UInt8>
    ) {
        LogText.literal(key, to: &output)
        guard let range else { return LogText.literal("null", to: &output) }
        output.append(UInt8(ascii: "\""))
        LogText.json(bytes, range, to: &output)
        output.append(UInt8(ascii: "\""))
    }

    private static func combined(
        _ line: AccessLogLine, _ clock: AccessLogClock, to output: inout OutputSpan<UInt8>
    ) {
        let client = line.client.utf8.span
        LogText.word(client, 0..<min(client.count, maxTextBytes), to: &output)
        if client.isEmpty { output.append(UInt8(ascii: "-")) }
        LogText.literal(" - - [", to: &output)
        LogText.raw(clock.common.span, 0..<clock.common.count, to: &output)
        LogText.literal("] \"", to: &output)
        if let method = line.bounded(line.method, limit: maxTextBytes) {
            LogText.quoted(line.head.span, method, to: &output)
            output.append(UInt8(ascii: " "))
            if let target = line.bounded(line.target, limit: maxTextBytes) {
                LogText.quoted(line.head.span, target, to: &output)
            }
            output.append(UInt8(ascii: " "))
            let version = line.version.rawValue.utf8.span
            LogText.raw(version, version.indices, to: &output)
        } else {
            output.append(UInt8(ascii: "-"))
        }
        LogText.literal("\" ", to: &output)
        LogText.number(UInt64(max(0, line.status)), to: &output)
        output.append(UInt8(ascii: " "))
        if line.bytesOut == 0 {
            output.append(UInt8(ascii: "-"))
        } else {
            LogText.number(line.bytesOut, to: &output)
        }
        LogText.literal(" \"", to: &output)
        field(line, line.referer, to: &output)
        LogText.literal("\" \"", to: &output)
        field(line, line.userAgent, to: &output)
        LogText.literal("\"\n", to: &output)
    }

    private static func field(_ line: AccessLogLine, _ range: Range<Int>?, to output: inout OutputSpan<UInt8>) {
        if let range = line.bounded(range, limit: maxTextBytes), !range.isEmpty {
            LogText.quoted(line.head.span, range, to: &output)
        } else {
            output.append(UInt8(ascii: "-"))
        }
    }
}
