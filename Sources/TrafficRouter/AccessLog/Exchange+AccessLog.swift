import DeliveryModel
import NIOCore

extension Exchange {
    /// Writes the request's line, if it is to have one.
    ///
    /// - Parameters:
    ///   - status: 0: the client left before it was answered.
    ///   - refusal: why the router answered itself.
    func log(status: Int, refusal: String? = nil) {
        guard let sink = worker.accessLog, !origin.isCopy else { return }
        let id = origin.requestID.bytes
        guard sink.wants(requestID: id.span, status: status) else { return }
        let now = NIODeadline.now()
        let duration = (now - started).nanoseconds / 1_000
        var line = AccessLogLine(
            time: WriterThread.wallNow() - duration, client: origin.peer.text, status: status)
        line.head = head.bytes
        line.method = head.methodRange
        line.target = head.target
        line.host = head.host
        line.userAgent = head.value(named: "user-agent")
        line.referer = head.value(named: "referer")
        line.traceparent = head.first(.traceparent)
        line.version = head.isHTTP10 ? .http10 : .http11
        line.bytesIn = bytesIn
        line.bytesOut = bytesOut
        line.duration = duration
        line.upstreamDuration = upstreamTime.map { $0.nanoseconds / 1_000 }
        line.service = choice?.service.routed.name.description
        line.release = choice?.release.mark
        line.instance = attempted?.key.id
        line.isRescued = rescuedFrom != nil
        line.refusal = refusal
        line.requestID = id
        sink.log(line)
    }
}
