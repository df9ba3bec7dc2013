@testable import TrafficRouter

extension ConformanceTests {
    /// Sizes, streams and values of single frames (RFC 9113, sections 4 and 6).
    static let frameCases: [Case] = [
        Case("ping is acknowledged", [ping], .pingAcknowledged),
        Case("unknown frame is passed over", [FrameClient.frame(0x77, 0xFF, 0, [1, 2]), ping], .pingAcknowledged),
        Case("frame larger than 16,384", [data(1, zeros(16_385))], .goAway(.frameSizeError)),
        Case("ping of 7 bytes", [FrameClient.frame(FrameType.ping, 0, 0, zeros(7))], .goAway(.frameSizeError)),
        Case("ping on a stream", [FrameClient.frame(FrameType.ping, 0, 1, zeros(8))], .goAway(.protocolError)),
        Case("settings of 5 bytes", [FrameClient.frame(FrameType.settings, 0, 0, zeros(5))], .goAway(.frameSizeError)),
        Case("settings on a stream", [FrameClient.frame(FrameType.settings, 0, 1, [])], .goAway(.protocolError)),
        Case(
            "settings acknowledgement with a payload", [FrameClient.frame(FrameType.settings, 1, 0, zeros(6))],
            .goAway(.frameSizeError)),
        Case("enable push 2", [setting(2, 2)], .goAway(.protocolError)),
        Case("initial window of 2^31", [setting(4, 0x8000_0000)], .goAway(.flowControlError)),
        Case("max frame size of 16,383", [setting(5, 16_383)], .goAway(.protocolError)),
        Case("max frame size of 2^24", [setting(5, 1 << 24)], .goAway(.protocolError)),
        Case("unknown setting", [setting(0x99, 7), ping], .pingAcknowledged),
        Case("header table of 0 bytes", [setting(1, 0), headers(1)], .status(1, "200")),
        Case("window update of 0 on the connection", [window(0, 0)], .goAway(.protocolError)),
        Case(
            "window update of 3 bytes", [FrameClient.frame(FrameType.windowUpdate, 0, 0, zeros(3))],
            .goAway(.frameSizeError)),
        Case("connection window past 2^31 - 1", [window(0, 0x7FFF_FFFF)], .goAway(.flowControlError)),
        Case("window update on an idle stream", [window(1, 5)], .goAway(.protocolError)),
        Case("reset of 3 bytes", [FrameClient.frame(FrameType.reset, 0, 1, zeros(3))], .goAway(.frameSizeError)),
        Case("reset on stream 0", [FrameClient.frame(FrameType.reset, 0, 0, zeros(4))], .goAway(.protocolError)),
        Case("reset on an idle stream", [FrameClient.frame(FrameType.reset, 0, 1, zeros(4))], .goAway(.protocolError)),
        Case(
            "priority of 4 bytes", [headers(1, post, flags: 4), FrameClient.frame(FrameType.priority, 0, 1, zeros(4))],
            .reset(1, .frameSizeError)),
        Case("priority on stream 0", [FrameClient.frame(FrameType.priority, 0, 0, zeros(5))], .goAway(.protocolError)),
        Case(
            "priority on an idle stream", [FrameClient.frame(FrameType.priority, 0, 9, zeros(5)), ping],
            .pingAcknowledged),
        Case("push promise", [FrameClient.frame(FrameType.pushPromise, 4, 1, zeros(8))], .goAway(.protocolError)),
        Case("going away on a stream", [FrameClient.frame(FrameType.goAway, 0, 1, zeros(8))], .goAway(.protocolError)),
        Case("going away of 7 bytes", [FrameClient.frame(FrameType.goAway, 0, 0, zeros(7))], .goAway(.frameSizeError)),
        Case("going away while idle", [FrameClient.frame(FrameType.goAway, 0, 0, zeros(8))], .goAway(.noError)),
        Case(
            "padding longer than the data", [headers(1, post, flags: 4), data(1, [5, 1, 2], flags: 8)],
            .goAway(.protocolError)),
        Case("padded data of 0 bytes", [headers(1, post, flags: 4), data(1, [], flags: 8)], .goAway(.protocolError)),
        Case("padded headers", [headers(1, [3] + Block.request() + zeros(3), flags: 0xD)], .status(1, "200")),
        Case("headers with a priority", [headers(1, zeros(5) + Block.request(), flags: 0x25)], .status(1, "200")),
        Case(
            "padding longer than the headers", [headers(1, [250] + Block.request(), flags: 0xD)],
            .goAway(.protocolError)),
        Case(
            "headers that depend on themselves", [headers(1, word(1) + [0] + Block.request(), flags: 0x25)],
            .goAway(.protocolError)),
    ]

    /// What may come in which state of a stream (section 5.1).
    static let streamCases: [Case] = [
        Case("data on stream 0", [data(0, [1])], .goAway(.protocolError)),
        Case("data on an idle stream", [data(1, [1])], .goAway(.protocolError)),
        Case("headers on stream 0", [headers(0)], .goAway(.protocolError)),
        Case("an even stream", [headers(2)], .goAway(.protocolError)),
        Case("a lower stream than before", [headers(5, post, flags: 4), headers(3)], .goAway(.protocolError)),
        Case(
            "continuation without headers", [FrameClient.frame(FrameType.continuation, 4, 1, [0x82])],
            .goAway(.protocolError)),
        Case(
            "data after the end", [headers(1, Block.request("GET", "/never")), data(1, [1])], .reset(1, .streamClosed)),
        Case(
            "headers after the end",
            [headers(1, Block.request("GET", "/never")), headers(1)], .reset(1, .streamClosed)),
        Case("data after a reset", [headers(1, post, flags: 4), reset, data(1, [1])], .reset(1, .streamClosed)),
        Case("headers after a reset", [headers(1, post, flags: 4), reset, headers(1)], .reset(1, .streamClosed)),
        Case(
            "window update after a reset", [headers(1, post, flags: 4), reset, window(1, 9), ping], .pingAcknowledged),
        Case(
            "priority after a reset",
            [headers(1, post, flags: 4), reset, FrameClient.frame(FrameType.priority, 0, 1, zeros(5)), ping],
            .pingAcknowledged),
        Case("window update of 0 on a stream", [headers(1, post, flags: 4), window(1, 0)], .reset(1, .protocolError)),
        Case(
            "stream window past 2^31 - 1", [headers(1, post, flags: 4), window(1, 0x7FFF_FFFF)],
            .reset(1, .flowControlError)),
        Case(
            "a setting that makes a window too large",
            [setting(4, 100), headers(1, post, flags: 4), window(1, 0x7FFF_FF00), setting(4, 0x7FFF_FFFF)],
            .goAway(.flowControlError)),
        Case(
            "trailers that do not end the stream",
            [headers(1, post, flags: 4), headers(1, Block.fields([("a", "b")]), flags: 4)],
            .reset(1, .protocolError)),
        Case(
            "trailers with a pseudo-header", [headers(1, post, flags: 4), headers(1, Block.fields([(":path", "/")]))],
            .reset(1, .protocolError)),
        Case(
            "good trailers", [headers(1, post, flags: 4), data(1, [1]), headers(1, Block.fields([("a", "b")]))],
            .status(1, "200")),
        Case(
            "a body and its end", [headers(1, post, flags: 4), data(1, [1, 2]), data(1, [], flags: 1)],
            .status(1, "200")),
    ]

    /// Header blocks over several frames, and their compression (sections 4.3 and 6.10).
    static let blockCases: [Case] = [
        Case(
            "a block in three frames",
            [
                headers(1, Array(Block.request().prefix(9)), flags: 1),
                FrameClient.frame(FrameType.continuation, 0, 1, Array(Block.request().dropFirst(9).prefix(4))),
                FrameClient.frame(FrameType.continuation, 4, 1, Array(Block.request().dropFirst(13))),
            ], .status(1, "200")),
        Case("a ping within a block", [headers(1, flags: 1), ping], .goAway(.protocolError)),
        Case(
            "an unknown frame within a block", [headers(1, flags: 1), FrameClient.frame(0x77, 0, 0, [])],
            .goAway(.protocolError)),
        Case("another stream within a block", [headers(1, flags: 1), headers(3)], .goAway(.protocolError)),
        Case(
            "a continuation of another stream",
            [headers(1, flags: 1), FrameClient.frame(FrameType.continuation, 4, 3, [])],
            .goAway(.protocolError)),
        Case(
            "a continuation after the end", [headers(1), FrameClient.frame(FrameType.continuation, 4, 1, [])],
            .goAway(.protocolError)),
        Case("an index that is not there", [headers(1, [0xFE])], .goAway(.compressionError)),
        Case("a block that breaks off", [headers(1, [0x40, 5, 1])], .goAway(.compressionError)),
        Case("a table larger than allowed", [headers(1, [0x3F, 0xE2, 0x1F])], .goAway(.compressionError)),
        Case(
            "a block of a closed stream that is malformed", [headers(1, post, flags: 4), reset, headers(1, [0xFE])],
            .goAway(.compressionError)),
        Case(
            "endless continuations",
            [headers(1, flags: 1)]
                + (0..<20).map { _ in FrameClient.frame(FrameType.continuation, 0, 1, []) }, .goAway(.enhanceYourCalm)),
        Case(
            "a block without bounds",
            [headers(1, flags: 1)]
                + (0..<6).map { _ in FrameClient.frame(FrameType.continuation, 0, 1, zeros(16_384)) },
            .goAway(.enhanceYourCalm)),
    ]

    /// What is a request (sections 8.1 to 8.3).
    static let requestCases: [Case] = [
        request("capital letters", [("X-Capital", "1")]),
        request("an empty name", [("", "1")]),
        request("a name with a space", [("a b", "1")]),
        request("a name with a colon", [("a:b", "1")]),
        request("a value with a line feed", [("a", "1\nb: 2")]),
        request("a value with a carriage return", [("a", "1\rb")]),
        request("a value with a null", [("a", "1\0")]),
        request("a value that begins with a space", [("a", " 1")]),
        request("a value that ends with a tab", [("a", "1\t")]),
        request("connection", [("connection", "close")]),
        request("keep-alive", [("keep-alive", "5")]),
        request("proxy-connection", [("proxy-connection", "close")]),
        request("transfer-encoding", [("transfer-encoding", "chunked")]),
        request("upgrade", [("upgrade", "websocket")]),
        request("te other than trailers", [("te", "gzip")]),
        request("an unknown pseudo-header", [(":protocol", "websocket")]),
        request("a pseudo-header of answers", [(":status", "200")]),
        request("a pseudo-header after a field", [("a", "1"), (":path", "/")]),
        request("a second path", [(":path", "/")]),
        request("another host than the authority", [("host", "other.example")]),
        request("two hosts", [("host", "shop.example"), ("host", "shop.example")]),
        bare("no method", [(":scheme", "http"), (":path", "/"), (":authority", "a")]),
        bare("no scheme", [(":method", "GET"), (":path", "/"), (":authority", "a")]),
        bare("no path", [(":method", "GET"), (":scheme", "http"), (":authority", "a")]),
        bare("an empty path", [(":method", "GET"), (":scheme", "http"), (":path", ""), (":authority", "a")]),
        bare("a path without a slash", [(":method", "GET"), (":scheme", "http"), (":path", "x"), (":authority", "a")]),
        bare(
            "an absolute path", [(":method", "GET"), (":scheme", "http"), (":path", "http://b/"), (":authority", "a")]),
        bare(
            "a scheme of another kind", [(":method", "GET"), (":scheme", "ftp"), (":path", "/"), (":authority", "a")]),
        bare(
            "a method with a space", [(":method", "GET /x"), (":scheme", "http"), (":path", "/"), (":authority", "a")]),
        bare("CONNECT with a path", [(":method", "CONNECT"), (":path", "/"), (":authority", "a:1")]),
        Case(
            "CONNECT", [headers(1, Block.fields([(":method", "CONNECT"), (":authority", "a:1")]))], .status(1, "501")),
        Case("a path with a space", [headers(1, Block.request("GET", "/a b"))], .status(1, "400")),
        Case("a path with a version", [headers(1, Block.request("GET", "/a HTTP/1.1"))], .status(1, "400")),
        Case("an authority with a user", [headers(1, Block.request(authority: "u@shop.example"))], .status(1, "400")),
        Case(
            "two lengths",
            [headers(1, Block.request("POST", [("content-length", "1"), ("content-length", "1")]), flags: 4)],
            .status(1, "400")),
        Case("te: trailers", [headers(1, Block.request([("te", "trailers")]))], .status(1, "200")),
        Case("the same host twice", [headers(1, Block.request([("host", "SHOP.example")]))], .status(1, "200")),
        Case(
            "a length without a body", [headers(1, Block.request([("content-length", "5")]))], .reset(1, .protocolError)
        ),
        Case(
            "less data than announced", [headers(1, length(5), flags: 4), data(1, [1, 2], flags: 1)],
            .reset(1, .protocolError)),
        Case(
            "more data than announced", [headers(1, length(1), flags: 4), data(1, [1, 2])], .reset(1, .protocolError)),
        Case(
            "less data than announced, with trailers",
            [headers(1, length(5), flags: 4), data(1, [1]), headers(1, Block.fields([("a", "b")]))],
            .reset(1, .protocolError)),
        Case(
            "as much data as announced", [headers(1, length(2), flags: 4), data(1, [1, 2], flags: 1)], .status(1, "200")
        ),
        Case("too many fields", [headers(1, Block.request((0..<300).map { ("x-\($0)", "1") }))], .status(1, "431")),
    ]

    private static func length(_ count: Int) -> [UInt8] {
        Block.request("POST", [("content-length", String(count))])
    }

    /// A request that is good but for some fields.
    private static func request(_ name: String, _ fields: [(String, String)]) -> Case {
        Case(name, [headers(1, Block.request(fields))], .reset(1, .protocolError))
    }

    private static func bare(_ name: String, _ fields: [(String, String)]) -> Case {
        Case(name, [headers(1, Block.fields(fields))], .reset(1, .protocolError))
    }
}
