public import DeliveryModel
import Glibc

/// What a release is made from.
public struct ReleaseSource: Sendable {
    /// The directory of the service file; every path of the artifact is relative to it.
    public var root: String
    /// The service file as it is on the disk.
    public var serviceFile: [UInt8]
    public var specification: ServiceSpecification
    /// The commit's full hash, or what the user calls it.
    public var commit: String
    public var committedAt: Timestamp

    public init(
        root: String, serviceFile: [UInt8], specification: ServiceSpecification, commit: String, committedAt: Timestamp
    ) {
        self.root = root
        self.serviceFile = serviceFile
        self.specification = specification
        self.commit = commit
        self.committedAt = committedAt
    }
}

/// A release that lies in a layout, but is in no index yet.
public struct PackedRelease: Sendable, Equatable {
    /// Of the manifest.
    public let digest: ReleaseDigest
    public let manifestSize: Int64
    /// Every blob but the manifest, each once; upload these, then the manifest, then register it.
    public let blobs: [BlobDescriptor]
    /// Files, directories and links in both parts.
    public let files: Int
}

/// Packs files into an OCI image layout so that the same files, service file, commit and commit time give the same
/// digest on any
/// machine: entries sorted by their bytes; owner 0; modes 0755 or 0644 by the owner's x bit; one fixed modification
/// time.
public struct ReleasePacker: Sendable {
    /// Seconds since the epoch given to every file.
    public let modified: Int64

    /// - Parameter sourceDateEpoch: The value of `SOURCE_DATE_EPOCH` (reproducible-builds.org/specs/source-date-epoch);
    ///   0 when `nil`.
    /// - Throws: `.refused` when it is no whole number from 0 to 8,589,934,591 (what a ustar header can say).
    public init(sourceDateEpoch: String? = nil) throws(StoreError) {
        guard let sourceDateEpoch else {
            modified = 0
            return
        }
        guard let seconds = Int64(sourceDateEpoch), (0..<(1 << 33)).contains(seconds) else {
            throw StoreError(
                .refused, "SOURCE_DATE_EPOCH is '\(sourceDateEpoch)'; expected whole seconds from 0 to 8589934591")
        }
        modified = seconds
    }

    /// Writes the release's blobs into the layout at `layout`, which is made when it is missing.
    ///
    /// - Throws: `.refused` and `.notFound` as `ReleaseFiles` does, naming the path and what to do; `.full`, `.io`.
    public func pack(_ source: ReleaseSource, into layout: String) throws(StoreError) -> PackedRelease {
        guard source.serviceFile.count <= ReleaseLimits.serviceFileBytes else {
            throw StoreError(.refused, "the service file has more than \(ReleaseLimits.serviceFileBytes) bytes")
        }
        let artifact = source.specification.artifact
        let program = try ReleaseFiles(root: source.root, part: "artifact.include", paths: artifact.include)
        let config = try ReleaseFiles(root: source.root, part: "artifact.config", paths: artifact.config)
        let store = try BlobStore(directory: layout)
        if try FileStatus.of(store.index) == nil {
            try FileTree.replace(store.index, with: try CanonicalJSON.encode(ReleaseIndex()))
        }
        let layers = [
            try store.put(
                source.serviceFile, mediaType: ReleaseManifest.serviceFileType,
                title: ReleaseManifest.Part.serviceFile.rawValue),
            try write(program, .program, root: source.root, store: store),
            try write(config, .config, root: source.root, store: store),
        ]
        let manifest = ReleaseManifest(
            schemaVersion: 2, mediaType: ReleaseManifest.manifestType, artifactType: ReleaseManifest.artifactType,
            config: try store.put(Array("{}".utf8), mediaType: ReleaseManifest.emptyType), layers: layers,
            annotations: [
                ReleaseManifest.titleKey: source.specification.service.text,
                ReleaseManifest.revisionKey: source.commit,
                ReleaseManifest.createdKey: source.committedAt.description,
            ])
        let blob = try store.put(try CanonicalJSON.encode(manifest), mediaType: ReleaseManifest.manifestType)
        var seen: Set<ReleaseDigest> = []
        return PackedRelease(
            digest: blob.digest, manifestSize: blob.size,
            blobs: manifest.blobs.filter { seen.insert($0.digest).inserted },
            files: program.entries.count + config.entries.count)
    }

    private func write(
        _ files: ReleaseFiles, _ part: ReleaseManifest.Part, root: String, store: BlobStore
    ) throws(StoreError) -> BlobDescriptor {
        let writer = try BlobWriter(store: store, expected: nil)
        var buffer = [UInt8](repeating: 0, count: ReleaseLimits.chunk)
        for entry in files.sorted {
            try writer.append(entry.encoded(modified: modified))
            if entry.kind == .file {
                try copy(entry, from: root + "/" + entry.path, to: writer, &buffer)
                try writer.append(TarHeader.padding(entry.size))
            }
        }
        try writer.append([UInt8](repeating: 0, count: 2 * TarHeader.block))
        var blob = try writer.finish(mediaType: ReleaseManifest.tarType)
        blob.annotations = [ReleaseManifest.titleKey: part.rawValue]
        return blob
    }

    private func copy(
        _ entry: TarHeader, from path: String, to writer: BlobWriter, _ buffer: inout [UInt8]
    ) throws(StoreError) {
        let changed = StoreError(
            .refused, "'\(entry.path)' changed while it was being packed; let the build finish and retry")
        // NONBLOCK: were the file swapped for a FIFO since it was listed, opening must not wait for a writer.
        let file = try OpenFile(path, flags: O_RDONLY | O_NOFOLLOW | O_NONBLOCK)
        let status = try file.status()
        guard status.kind == .file, status.size == entry.size else { throw changed }
        var rest = entry.size
        while rest > 0 {
            let count = try file.read(into: &buffer, limit: Int(min(rest, Int64(buffer.count))))
            if count == 0 { throw changed }
            try writer.append(buffer[..<count])
            rest -= Int64(count)
        }
        guard try file.read(into: &buffer, limit: 1) == 0 else { throw changed }
    }
}
