/// Where one event loop puts its lines. Touched by that loop only; never waits.
final class AccessLogSink {
    /// Lines that had no room since the start.
    private(set) var dropped: UInt64 = 0
    /// Lines handed to the writer since the start.
    private(set) var logged: UInt64 = 0
    let sampling: AccessLogSampling
    private let lane: AccessLogLane
    private var renderer: AccessLogRenderer
    private var counter: UInt64 = 0

    init(lane: AccessLogLane, format: AccessLogFormat, sampling: AccessLogSampling) {
        self.lane = lane
        self.sampling = sampling
        renderer = AccessLogRenderer(format: format)
    }

    /// Whether the request is to be logged: ask before the line is put together. Once per request.
    func wants(requestID: Span<UInt8>, status: Int) -> Bool {
        counter &+= 1
        return sampling.takes(requestID: requestID, counter: counter, status: status)
    }

    /// Hands the line to the writer, or drops it and counts that.
    func log(_ line: AccessLogLine) {
        let batch = lane.open()
        if batch.bytes.count + renderer.worstSize(line) <= lane.capacity {
            renderer.append(line, to: &batch.bytes)
            batch.lines += 1
            logged += 1
        } else {
            batch.dropped += 1
            dropped += 1
        }
        lane.put(batch)
    }
}
