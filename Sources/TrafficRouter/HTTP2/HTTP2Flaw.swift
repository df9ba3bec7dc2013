/// What the other side of an HTTP/2 connection did wrong, and what it is told.
///
/// Whether the stream or the whole connection ends is for the place that catches it; what concerns one stream only is
/// thrown by functions that say so.
struct HTTP2Flaw: Error, Equatable {
    /// Named reasons, counted in the measures by their raw value.
    enum Reason: String, CaseIterable, Sendable {
        case preface = "http2_preface"
        case firstFrame = "http2_first_frame"
        case frameTooLarge = "http2_frame_too_large"
        case frameLength = "http2_frame_length"
        case padding = "http2_padding"
        case streamIdentifier = "http2_stream_identifier"
        case idleStream = "http2_idle_stream"
        case closedStream = "http2_closed_stream"
        case headerBlockInterrupted = "http2_header_block_interrupted"
        case continuationUnexpected = "http2_continuation_unexpected"
        case continuationFlood = "http2_continuation_flood"
        case headerBlockTooLarge = "http2_header_block_too_large"
        case headerListTooLarge = "http2_header_list_too_large"
        case compression = "http2_compression"
        case pushPromise = "http2_push_promise"
        case selfDependency = "http2_self_dependency"
        case settingsValue = "http2_settings_value"
        case windowIncrement = "http2_window_increment"
        case windowOverflow = "http2_window_overflow"
        case windowExceeded = "http2_window_exceeded"
        case pseudoHeader = "http2_pseudo_header"
        case fieldName = "http2_field_name"
        case fieldValue = "http2_field_value"
        case connectionField = "http2_connection_field"
        case authorityContradictsHost = "http2_authority_contradicts_host"
        case contentLength = "http2_content_length"
        case trailers = "http2_trailers"
        case tooManyStreams = "http2_too_many_streams"
        case rapidReset = "http2_rapid_reset"
        case controlFlood = "http2_control_flood"
        case flawFlood = "http2_flaw_flood"
        case prefaceTimeout = "http2_preface_timeout"
        case headTimeout = "http2_head_timeout"
    }

    let code: HTTP2ErrorCode
    let reason: Reason

    init(_ code: HTTP2ErrorCode, _ reason: Reason) {
        self.code = code
        self.reason = reason
    }

    /// The stream or connection breaks a rule that has no code of its own.
    init(_ reason: Reason) { self.init(.protocolError, reason) }
}

extension Worker {
    func count(_ flaw: HTTP2Flaw) { counters.flaws[flaw.reason.rawValue, default: 0] += 1 }
}
