import AsyncHTTPClient
import NIOCore

/// Turns what the network throws into words for a person.
enum TransportFailure {
    static func translate(_ error: any Error, url: String) -> any Error {
        if error is CancellationError || error is ControlPlaneUnreachable { return error }
        guard !(error is NIOTooManyBytesError) else {
            return UnreadableAnswer(
                message: "the answer of \(url) is larger than \(ClientLimits.answerBytes >> 20) MiB; ask for less, "
                    + "for example with --limit")
        }
        if let failure = error as? HTTPClientError {
            switch failure {
            case .cancelled: return CancellationError()
            case .remoteConnectionClosed, .readTimeout, .writeTimeout, .deadlineExceeded, .uncleanShutdown,
                .requestStreamCancelled:
                return broken(url, failure.shortDescription)
            default: return nobody(url, failure.shortDescription)
            }
        }
        // A refused connection arrives as NIOPosix's own type; an IOError that says anything else broke an open one.
        if let failure = error as? IOError, !String(describing: failure).contains("refused") {
            return broken(url, String(describing: failure))
        }
        return nobody(url, "connection refused or host unknown")
    }

    private static func broken(_ url: String, _ why: String) -> ControlPlaneUnreachable {
        ControlPlaneUnreachable(
            message: "the connection to the control plane at \(url) broke before its answer (\(why)); "
                + "look whether `nonevent serve` still runs, and try again",
            wasConnected: true)
    }

    private static func nobody(_ url: String, _ why: String) -> ControlPlaneUnreachable {
        ControlPlaneUnreachable(
            message: "no control plane answers at \(url) (\(why)); start one with `nonevent serve`, "
                + "or set NONEVENT_URL to where it runs")
    }
}

/// Percent-encoding for one value of a query or one segment of a path (RFC 3986, unreserved characters stay).
enum URLText {
    static func encode(_ text: String) -> String {
        let digits = Array("0123456789ABCDEF")
        var result = ""
        for byte in text.utf8 {
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x5F, 0x7E:
                result.unicodeScalars.append(Unicode.Scalar(byte))
            default:
                result.append("%")
                result.append(digits[Int(byte >> 4)])
                result.append(digits[Int(byte & 15)])
            }
        }
        return result
    }
}
