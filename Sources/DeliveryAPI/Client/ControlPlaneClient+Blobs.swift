public import DeliveryModel
import AsyncHTTPClient
import NIOCore
import NIOHTTP1

extension ControlPlaneClient {
    /// `HEAD /api/v1/blobs/{digest}`: whether the control plane has it.
    public func hasBlob(_ digest: ReleaseDigest) async throws -> Bool {
        let response = try await execute(request(.HEAD, Self.path(digest)), within: ClientLimits.answer)
        switch response.status {
        case .ok: return true
        case .notFound: return false
        default:
            // An answer to HEAD has no body: ask again in a way that tells what is wrong.
            _ = try await body(of: response)
            return false
        }
    }

    /// `PUT /api/v1/blobs/{digest}` from a file, a chunk at a time.
    public func putBlob(_ digest: ReleaseDigest, file: String) async throws {
        let size = try FileChunks.size(of: file)
        var request = request(.PUT, Self.path(digest))
        request.headers.add(name: "content-type", value: "application/octet-stream")
        request.body = .stream(FileChunks(path: file, chunkBytes: ClientLimits.chunkBytes), length: .known(size))
        _ = try await body(of: try await execute(request, within: ClientLimits.upload))
    }

    private static func path(_ digest: ReleaseDigest) -> String { "/api/v1/blobs/" + digest.description }
}
