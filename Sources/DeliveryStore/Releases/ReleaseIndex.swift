public import DeliveryModel

/// A release in the archive's index.
public struct StoredRelease: Sendable, Equatable {
    public let digest: ReleaseDigest
    public let service: String
    public let commit: String
    /// Time of the commit.
    public let createdAt: Timestamp?
    public let manifestSize: Int64
}

/// `index.json` of an OCI image layout: the manifests that count as there. Each carries its manifest's annotations, so
/// that a list
/// needs to read no manifest.
struct ReleaseIndex: Codable {
    var schemaVersion = 2
    var mediaType: String? = "application/vnd.oci.image.index.v1+json"
    var manifests: [Entry] = []

    struct Entry: Codable {
        var mediaType: String
        var digest: ReleaseDigest
        var size: Int64
        var artifactType: String?
        var annotations: [String: String]?

        var release: StoredRelease {
            StoredRelease(
                digest: digest, service: annotations?[ReleaseManifest.titleKey] ?? "",
                commit: annotations?[ReleaseManifest.revisionKey] ?? "",
                createdAt: annotations?[ReleaseManifest.createdKey].flatMap(Timestamp.init), manifestSize: size)
        }
    }
}
