import AsyncHTTPClient
import DeliveryModel
import NIOCore
import NIOHTTP1
import NIOPosix

/// One HTTP request and its answer, within a time and a size; redirects are answers like others.
struct MetricExchange {
    struct Answer {
        var status: Int
        var headers: HTTPHeaders
        var body: ByteBuffer
    }

    /// Why there was no whole answer.
    struct Failure: Error {
        var words: String
        /// Whether the same request may do better in a moment.
        var mayPass: Bool
    }

    let client: HTTPClient
    /// For all of it: connecting, the head and the body.
    let limit: Duration
    let bodyLimit: Int

    /// - Throws: `Failure`, or `CancellationError`.
    func send(_ request: HTTPClientRequest) async throws -> Answer {
        do {
            return try await receive(request)
        } catch {
            if error is CancellationError || Task.isCancelled { throw CancellationError() }
            throw failure(error)
        }
    }

    private func receive(_ request: HTTPClientRequest) async throws -> Answer {
        let deadline = NIODeadline.now() + TimeAmount(limit)
        let response = try await client.execute(request, deadline: deadline)
        // A client that follows redirects must not make another server's answer pass for the one that was asked.
        let first = response.history.first?.responseHead
        let status = Int(first?.status.code ?? response.status.code)
        if (300..<400).contains(status) {
            return Answer(status: status, headers: first?.headers ?? response.headers, body: ByteBuffer())
        }
        let body = try await response.wholeBody(upTo: bodyLimit, before: deadline)
        return Answer(status: status, headers: response.headers, body: body)
    }

    private func failure(_ error: any Error) -> Failure {
        switch error {
        case is NIOTooManyBytesError:
            return Failure(words: "the answer is larger than \(bodyLimit) bytes", mayPass: false)
        case let error as IOError:
            return Failure(words: "no connection: \(SystemFailure.words(error.errnoCode))", mayPass: true)
        case let error as NIOConnectionError:
            let tried = error.connectionErrors.first?.error
            let cause = (tried as? IOError).map { SystemFailure.words($0.errnoCode) } ?? tried.map { "\($0)" }
            return Failure(words: "no connection: \(cause ?? "its name has no address")", mayPass: true)
        case let error as HTTPClientError:
            switch error {
            case .deadlineExceeded, .readTimeout, .connectTimeout:
                return Failure(words: "no whole answer within \(limit)", mayPass: true)
            case .remoteConnectionClosed:
                return Failure(words: "the connection was closed without a whole answer", mayPass: true)
            case .invalidURL, .emptyHost, .emptyScheme:
                return Failure(words: "the address is no URL", mayPass: false)
            default: return Failure(words: error.shortDescription, mayPass: true)
            }
        default: return Failure(words: "\(error)", mayPass: true)
        }
    }
}
