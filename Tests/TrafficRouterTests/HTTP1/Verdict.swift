@testable import TrafficRouter

/// What a request's head says, without offsets. The defaults are those of most cases.
struct HeadMeaning: Equatable, Sendable {
    var method = RequestMethod.get
    var path = "/"
    var query: String?
    var host = "a"
    var hostName = "a"
    var framing = BodyFraming.none
    var isHTTP10 = false
    var keepsAlive = true
    var expectsContinue = false
    var wantsUpgrade = false
    var options: [String] = []
    var fieldCount = 1
}

extension RequestHead {
    var meaning: HeadMeaning {
        HeadMeaning(
            method: method, path: string(path), query: query.map { string($0) }, host: string(host),
            hostName: string(hostName), framing: framing, isHTTP10: isHTTP10, keepsAlive: keepsAlive,
            expectsContinue: expectsContinue, wantsUpgrade: wantsUpgrade, options: connectionNames.map { string($0) },
            fieldCount: fields.count)
    }
}

/// What becomes of bytes that a client sends.
enum Verdict: Equatable {
    case refused(HeadFlaw.Code, Int)
    /// With the length of the head.
    case accepted(HeadMeaning, Int)
    case incomplete

    /// Gives the parser more and more bytes, as a connection does.
    ///
    /// - Parameter cuts: how many bytes there are each time before all are.
    static func of(_ bytes: [UInt8], cuts: [Int] = [], _ limits: HeadLimits = HeadLimits()) -> Verdict {
        var scannedTo = 0
        do throws(HeadFlaw) {
            for count in cuts + [bytes.count] {
                let input = bytes.span.extracting(0..<count)
                guard let length = try RequestHead.length(of: input, scannedTo: &scannedTo, limits: limits) else {
                    continue
                }
                let head = RequestHead()
                try head.parse(input.extracting(0..<length), limits: limits)
                return .accepted(head.meaning, length)
            }
            return .incomplete
        } catch {
            return .refused(error.code, error.status)
        }
    }
}
