public import DeliveryModel
import FoundationEssentials

/// What names a blob: its digest, size and media type.
public struct BlobDescriptor: Sendable, Equatable, Codable {
    public var mediaType: String
    public var digest: ReleaseDigest
    public var size: Int64
    public var annotations: [String: String]?

    public init(mediaType: String, digest: ReleaseDigest, size: Int64, annotations: [String: String]? = nil) {
        self.mediaType = mediaType
        self.digest = digest
        self.size = size
        self.annotations = annotations
    }
}

/// A release as an OCI image manifest 1.1 (github.com/opencontainers/image-spec, manifest.md, "Guidelines for Artifact
/// Usage").
/// Its layers are the service file, the program tar and the config tar, in this order.
public struct ReleaseManifest: Sendable, Equatable, Codable {
    public static let artifactType = "application/vnd.nonevent.release.v1"
    public static let manifestType = "application/vnd.oci.image.manifest.v1+json"
    public static let serviceFileType = "application/vnd.nonevent.service.v1+yaml"
    public static let tarType = "application/vnd.oci.image.layer.v1.tar"
    static let emptyType = "application/vnd.oci.empty.v1+json"
    static let titleKey = "org.opencontainers.image.title"
    static let revisionKey = "org.opencontainers.image.revision"
    static let createdKey = "org.opencontainers.image.created"

    public var schemaVersion: Int
    public var mediaType: String
    public var artifactType: String
    public var config: BlobDescriptor
    public var layers: [BlobDescriptor]
    public var annotations: [String: String]

    /// The part of a release that is one layer; the raw value is the layer's title.
    public enum Part: String, Sendable, CaseIterable {
        case serviceFile = "nonevent.yaml"
        case program = "program.tar"
        case config = "config.tar"
    }

    /// The layer of a part, or `nil` in a manifest that no packer of ours made.
    public func layer(_ part: Part) -> BlobDescriptor? {
        layers.first { $0.annotations?[Self.titleKey] == part.rawValue }
    }

    /// Name of the service.
    public var service: String { annotations[Self.titleKey] ?? "" }
    public var commit: String { annotations[Self.revisionKey] ?? "" }
    /// Time of the commit.
    public var createdAt: Timestamp? { annotations[Self.createdKey].flatMap(Timestamp.init) }

    /// Every blob that must be there beside the manifest.
    public var blobs: [BlobDescriptor] { [config] + layers }
}

/// JSON as the store writes it: keys sorted, no spaces, so that equal values are equal bytes.
enum CanonicalJSON {
    static func encode(_ value: some Encodable) throws(StoreError) -> [UInt8] {
        do {
            return Array(try JSONEncoder.canonical.encode(value))
        } catch {
            throw StoreError(.io, "cannot write JSON: \(error)")
        }
    }

    static func decode<Value: Decodable>(_ type: Value.Type, _ bytes: [UInt8], from what: String) throws(StoreError)
        -> Value
    {
        do {
            return try JSONDecoder().decode(type, from: Data(bytes))
        } catch {
            throw StoreError(.refused, "\(what) is not the JSON of a \(type): \(error)")
        }
    }
}
